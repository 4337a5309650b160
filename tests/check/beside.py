#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What other tools said beside wheredrop, and what is made of it. Prints TAP. Asks none of these tools."""
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BESIDE = ROOT / "lab/beside"
sys.dont_write_bytecode = True
sys.path[:0] = [str(BESIDE), str(ROOT / "tests")]
from lasting import hosts_of
from tap import ok, plan


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def write(place: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)


# --- the page ---------------------------------------------------------------------------------------------------

def test_committed_page() -> None:
    done = run(BESIDE / "page.py")
    ok("docs/BESIDE.md is what said.tsv and words.tsv make of it",
       done.returncode == 0 and done.stdout == (ROOT / "docs/BESIDE.md").read_text(), done.stderr, "write it again")


TREE = {
    "lab/faults/deaf.sh": "WHERE=socket CAUSE=udp-receive-buffer-full\n",
    "lab/faults/ruled.sh": "FAMILIES=4 WHERE=filter CAUSE=firewall-rule-drop LOOKS_LIKE=x\n",
    "lab/faults/shut.sh": "WHERE=link CAUSE=link-flap\n",
    "lab/innocent/quiet.sh": "EXPECT_INNOCENT=x\n",
    "lab/innocent/scan.sh": "\n",
}
DATA = {
    "peers.tsv": "wheredrop\t1\tx\npeer\t2\ty\n",
    "words.tsv": "# comment\npeer\tfull .*\tsocket,nic\tudp-receive-buffer-full,x\npeer\tfull\tnic\t-\n"
                 "peer\tlost\t-\t-\npeer\tdropped by rule\tfilter\tfirewall-policy-drop\n",
    "said.tsv": "wheredrop\tdeaf\tsocket/udp-receive-buffer-full\nwheredrop\truled\tfilter/tc-drop\nwheredrop\tshut\t\n"
                "wheredrop\tquiet\t\nwheredrop\tscan\tsocket/no-listener\n"
                "peer\tdeaf\tfull buffer\npeer\tdeaf\tfull\npeer\truled\tdropped by rule\n"
                "peer\tquiet\tlost\npeer\tquiet\tfull\n",
}


def test_page(work: Path) -> None:
    write(work, TREE | DATA)
    done = run(BESIDE / "page.py", "--root", work, "--data", work)
    lines = done.stdout.splitlines()
    for what, line in (
            # Of three faults wheredrop named the place of two and the cause of one.
            ("one place and cause, one wrong cause, one silence",
             "| wheredrop | 2/3 | 20.8 to 93.9 % | 1/3 | 6.1 to 79.2 % | 0/3 | 1/3 | 1/2 |"),
            ("who was not asked is not counted",
             "| peer | 2/2 | 34.2 to 100.0 % | 1/2 | 9.5 to 90.5 % | 1/2 | 0/2 | 1/1 |"),
            ("a cause, and another place besides",
             "| deaf | socket/udp-receive-buffer-full | cause | cause + another place |"),
            ("the place alone", "| ruled | filter/firewall-rule-drop | place | place |"),
            ("silent, and not asked", "| shut | link/link-flap | silent | not asked |"),
            ("texts in an innocent scene", "| quiet | silent | 2 lines |"),
            ("what was said, and where", "| full buffer | nic, socket | udp-receive-buffer-full, x | deaf |"),
            ("a text that names nothing", "| lost | – | – | quiet |")):
        ok(f"the page: {what}", line in lines, line, done.stdout, done.stderr)
    for name, row, said in (("said.tsv", "peer\tshut\tgremlins\n", "does not know what peer means by: gremlins"),
                            ("words.tsv", "peer\tfull\n", "words.tsv:6: not 4 fields")):
        write(work, {name: DATA[name] + row})
        done = run(BESIDE / "page.py", "--root", work, "--data", work)
        ok(f"refused: {said}", done.returncode == 2 and not done.stdout and said in done.stderr, done.stderr)
        write(work, DATA)


# --- counters that go on ----------------------------------------------------------------------------------------

def test_lasting(work: Path) -> None:
    place = work / "deaf"
    old = {"net/snmp": "Tcp: RtoMin CurrEstab InSegs\nTcp: 200 3 1000\n",
           "net/softnet_stat": "0000000a 00000001 " + "0 " * 9 + "7\n",
           "net/dev": "Inter-|  Receive\n face |bytes drop\n  b0:  100 0\n", "net/sockstat": "UDP: inuse 2\n",
           "net/netstat": "TcpExt: Gone\nTcpExt: 1\n"}
    new = {"net/snmp": "Tcp: RtoMin CurrEstab InSegs\nTcp: 200 5 1500\n",
           "net/softnet_stat": "0000000a 00000011 " + "0 " * 9 + "9\n",
           "net/dev": "Inter-|  Receive\n face |bytes drop\n  b0:  100 40\n", "net/sockstat": "UDP: inuse 4\n"}
    write(place / "before/b", old)
    write(place / "after/b", new)
    write(place, {"microseconds": "500000\n"})
    hosts = list(hosts_of(work))
    ok("a namespace of a scene, and how long its fault took", [(host.scene, host.name, host.seconds) for host in hosts]
       == [("deaf", "b", 0.5)], hosts)

    def words(path: str, seconds: float) -> list[list[str]]:
        hosts[0].write(work / "proc", seconds, everything=True)
        return [[word.lstrip("0") or "0" for word in line.replace(":", ": ").split()]
                for line in (work / "proc" / path).read_text().splitlines()]

    ok("before the fault all is as it was", words("net/snmp", 0)[1] == ["Tcp:", "200", "3", "1000"], words("net/snmp", 0))
    # Half a second brought 500 segments: ten seconds bring 10000.
    ok("a counter goes on at the fault's rate, an amount stays as it became",
       words("net/snmp", 10)[1] == ["Tcp:", "200", "5", "11000"], words("net/snmp", 10))
    softnet = words("net/softnet_stat", 10)
    ok("so do hexadecimal ones: sixteen in half a second", softnet[0][:3] == ["a", "141", "0"], softnet)
    ok("but not what says how long a queue is", softnet[0][-1] == "9", softnet)
    ok("an interface's drops", words("net/dev", 1)[2] == ["b0:", "100", "80"], words("net/dev", 1))
    ok("a file of amounts", words("net/sockstat", 1)[0] == ["UDP:", "inuse", "4"], words("net/sockstat", 1))
    ok("a file that is there only once has no course", "net/netstat" not in hosts[0].files)
    sizes = set()
    for seconds in (1, 9999):
        hosts[0].write(work / "proc", seconds)
        sizes.add((work / "proc/net/dev").stat().st_size)
    ok("no digit moves under a reader", len(sizes) == 1, sizes)


# --- adapters ---------------------------------------------------------------------------------------------------

NETTRACE = """\
***************** 0486d500 ***************
[692.1] [nf_hook_slow        ] UDP: 10.0.0.1:4000 -> 10.0.0.2:7000 *packet is dropped by netfilter (NF_DROP)*
---------------- ANALYSIS RESULT ---------------------
[1] ERROR happens in nf_hook_slow(netfilter):
	packet is dropped by netfilter (NF_DROP)
    fix advice:
	check your netfilter rule

[2] ERROR happens in kfree_skb(life):
	packet is dropped by kernel
    location:
	nf_hook_slow+0x1
    drop reason:
	NETFILTER_DROP


"""
DROPWATCH = """\
drop at: ip6_mc_input+0x1aa/0x2c0 (0xffffffff81bd79da)
origin: software
drop reason: NOT_SPECIFIED

drop at: udp_queue_rcv_one_skb+0x1/0x2 (0xffffffff81bd79db)
origin: software

"""


def test_adapters(work: Path) -> None:
    write(work, {"ruled/nettrace": NETTRACE + NETTRACE, "quiet/nettrace": "",
                 "gone/nettrace": "nettrace ended by itself\n",
                 "deaf/dropwatch": DROPWATCH + DROPWATCH, "quiet/dropwatch": "dropwatch> start\n"})
    done = run(BESIDE / "peers/nettrace", "said", work)
    ok("nettrace: each text once, with the drop reason", done.stdout == "gone\tnettrace ended by itself\n"
       "ruled\tERROR in kfree_skb(life): packet is dropped by kernel, NETFILTER_DROP\n"
       "ruled\tERROR in nf_hook_slow(netfilter): packet is dropped by netfilter (NF_DROP)\n", done.stdout, done.stderr)
    done = run(BESIDE / "peers/dropwatch", "said", work)
    ok("dropwatch: each place and reason once", done.stdout ==
       "deaf\tip6_mc_input NOT_SPECIFIED\ndeaf\tudp_queue_rcv_one_skb without a reason\n", done.stdout, done.stderr)


def main() -> None:
    test_committed_page()
    for test in (test_page, test_lasting, test_adapters):
        with tempfile.TemporaryDirectory() as work:
            test(Path(work))
    plan()


main()
