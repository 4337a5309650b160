"""The names of one enum of a BTF file: btf_enum.py FILE ENUM. The format: Documentation/bpf/btf.rst."""

import struct
import sys

INT, ARRAY, STRUCT, UNION, ENUM, FUNC_PROTO, VAR, DATASEC, DECL_TAG, ENUM64 = 1, 3, 4, 5, 6, 13, 14, 15, 17, 19

# Bytes behind the header of a type: a number, and one for each of its members.
TRAILER = {INT: (4, 0), ARRAY: (12, 0), STRUCT: (0, 12), UNION: (0, 12), ENUM: (0, 8), FUNC_PROTO: (0, 8), VAR: (4, 0),
           DATASEC: (0, 12), DECL_TAG: (4, 0), ENUM64: (0, 12)}


def enum_names(data, wanted):
    header, types, types_length, strings = struct.unpack_from("=4xIIII", data)
    at, end, strings = header + types, header + types + types_length, header + strings

    def name(offset):
        return data[strings + offset:data.index(b"\0", strings + offset)].decode()

    while at < end:
        name_offset, info, _ = struct.unpack_from("=III", data, at)
        at += 12
        kind, members = info >> 24 & 31, info & 0xffff
        once, each = TRAILER.get(kind, (0, 0))
        if kind == ENUM and name(name_offset) == wanted:
            return [name(struct.unpack_from("=I", data, at + i * each)[0]) for i in range(members)]
        at += once + members * each
    return []


with open(sys.argv[1], "rb") as file:
    print("\n".join(enum_names(file.read(), sys.argv[2])))
