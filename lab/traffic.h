/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of lab-traffic share: the options, the pacing and the report.
 *
 * lab-traffic makes the lab's traffic: a known number of packets at a known rate, and receivers that
 * misbehave in one known way. Each command prints one line "sent=N received=N failed=N", from which the
 * lab computes how many packets a fault really lost, without looking at any counter of the kernel.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* One row per option: member, name on the command line, default, meaning. */
#define TRAFFIC_TEXT_OPTIONS(X)                                                                               \
	X(to, "to", NULL, "destination address (numeric, IPv4 or IPv6)")                                      \
	X(from, "from", NULL, "source address; raw frames may claim any")                                     \
	X(on, "on", NULL, "address to receive on")                                                            \
	X(group, "group", NULL, "multicast group to join")                                                    \
	X(dev, "dev", NULL, "device to send frames on, to capture from or to create")                         \
	X(from_mac, "from-mac", NULL, "source address of raw frames")                                         \
	X(to_mac, "to-mac", NULL, "destination address of raw frames")                                        \
	X(kind, "kind", "udp", "raw: udp, syn, ack, echo, unreachable, fragment, protocol or ethertype")      \
	X(broken, "broken", "", "raw: what to break: the checksum (ip or transport), or the header (of syn)") \
	X(mode, "mode", "drain", "how a receiver behaves; see each command")                                  \
	X(key, "key", NULL, "tcp-listen: take only what --from signed with that (RFC 2385)")                  \
	X(file, "file", NULL,                                                                                 \
	  "udp-recv: write each datagram there and wait for the disk; refuse: the control group; unix-*: the socket")

#define TRAFFIC_NUMBER_OPTIONS(X)                                                                    \
	X(port, "port", 7000, "destination or listening port")                                       \
	X(sport, "sport", 0, "first source port; 0 lets the kernel choose")                          \
	X(sports, "sports", 1, "number of source ports, used in turn")                               \
	X(sources, "sources", 1, "raw: number of source addresses, counted up from --from")          \
	X(targets, "targets", 1, "udp-send: number of destinations, counted up from --to")           \
	X(count, "count", 1, "packets or connections")                                               \
	X(size, "size", 100, "payload bytes")                                                        \
	X(rate, "rate", 0, "packets per second; 0 is as fast as possible")                           \
	X(burst, "burst", 1, "packets sent back to back before waiting for the rate")                \
	X(gso, "gso", 0, "udp-send: cut each send into segments of this many bytes")                 \
	X(ttl, "ttl", 64, "raw: time to live or hop limit")                                          \
	X(min_ttl, "min-ttl", 0, "tcp-listen: take nothing with less (RFC 5082)")                    \
	X(dont_fragment, "dont-fragment", 0, "1 sets DF (udp-send: and never fragments)")            \
	X(protocol, "protocol", 253, "raw --kind protocol, raw-recv: IP protocol number")            \
	X(ethertype, "ethertype", 0x88b5, "raw --kind ethertype: EtherType")                         \
	X(rcvbuf, "rcvbuf", 0, "SO_RCVBUF in bytes; beyond rmem_max it is forced")                   \
	X(sndbuf, "sndbuf", 0, "udp-send: SO_SNDBUF in bytes; what finds no room is not waited for") \
	X(stop_after, "stop-after", 0, "stop reading after this many datagrams")                     \
	X(sleep_us, "sleep-us", 0,                                                                   \
	  "microseconds slept per datagram or accept round, or before sending on a connection")      \
	X(spin_us, "spin-us", 0, "microseconds of CPU burnt per datagram")                           \
	X(reject, "reject", 0, "udp-recv: 1 attaches a socket filter that drops all")                \
	X(reject_sport, "reject-sport", 0, "udp-recv: or what comes from this port alone")           \
	X(backlog, "backlog", 128, "tcp-listen, unix-listen: listen() backlog")                      \
	X(bytes, "bytes", 0, "tcp-connect: bytes to send on each connection")                        \
	X(timeout_ms, "timeout-ms", 1000, "milliseconds a connect or a spin may take")               \
	X(cpu, "cpu", 0, "spin: CPU to occupy")

struct traffic_options {
#define MEMBER_TEXT(member, name, value, meaning) const char *member;
#define MEMBER_NUMBER(member, name, value, meaning) uint64_t member;
	TRAFFIC_TEXT_OPTIONS(MEMBER_TEXT)
	TRAFFIC_NUMBER_OPTIONS(MEMBER_NUMBER)
#undef MEMBER_TEXT
#undef MEMBER_NUMBER
};

struct traffic_result {
	uint64_t sent;
	uint64_t received;
	uint64_t failed;
};

/* A command returns 0 or -errno after its own message on stderr. */
typedef int traffic_command_fn(const struct traffic_options *options, struct traffic_result *result);

traffic_command_fn traffic_udp_send;
traffic_command_fn traffic_udp_receive;
traffic_command_fn traffic_tcp_listen;
traffic_command_fn traffic_tcp_connect;
traffic_command_fn traffic_raw;
traffic_command_fn traffic_tun;
traffic_command_fn traffic_capture;
traffic_command_fn traffic_queue;
traffic_command_fn traffic_spin;
traffic_command_fn traffic_refuse;
traffic_command_fn traffic_xdp;
traffic_command_fn traffic_raw_receive;
traffic_command_fn traffic_unix_listen;
traffic_command_fn traffic_unix_connect;

/* Set by SIGTERM and SIGINT: finish what is queued, report, exit. */
extern volatile bool traffic_stop;

/* Sleeps until packet number @index is due (absolute times, so that delays do not add up). */
void traffic_pace(const struct traffic_options *options, uint64_t start_ns, uint64_t index);

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t traffic_now_ns(void);

/* Burns @us microseconds of CPU. */
void traffic_burn(uint64_t us);

/* Sleeps @us microseconds, or less when a signal arrives. */
void traffic_sleep(uint64_t us);

/* Tells the lab that the receiver is in place. */
void traffic_ready(void);

/* Prints "what: reason" and returns -errno (or -EINVAL when errno is 0). */
int traffic_error(const char *what);

/* Fills @ret_address (sockaddr_in or sockaddr_in6) from a numeric address; returns 0 or -errno. */
int traffic_address(const char *text, uint64_t port, struct sockaddr_storage *ret_address, socklen_t *ret_length);

/* Applies --rcvbuf to a socket; returns 0 or -errno. */
int traffic_receive_buffer(int fd, const struct traffic_options *options);
