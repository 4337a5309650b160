# Holds an answer of the diagnosis against the truth of one scene: the answer in, one line for the table and the record out.
# judge.sh passes the scene as arguments, and before this text the scene's own conditions: object_is, spread_is.
#
# What the scenes of a run account for is in $expected, a line for each: OWNER WHERE/CAUSE RANK, the owner being the lab whose
# namespaces the finding must be in, the rank "first" or "also".

def words: split(" ") | map(select(. != ""));
def lines: split("\n") | map(select(. != ""));
def known: if . == "" then null else . end;
def number: if . == "" then null else tonumber end;

($expected | lines | map(words | {owner: .[0], name: .[1], rank: .[2]})) as $all |
($because | words) as $reasons | ($also | words) as $others | ($also_lost | words | map(tonumber)) as $also_true |
($lost | number) as $true | ($status | tonumber) as $status | ($least | number) as $least |
($fault == "yes") as $fault | ($mode == "window") as $whole | "\($where)/\($cause)" as $mine |

# Whose a finding is. One without a namespace, such as a CPU's, may be any scene's.
def of_owner($who): .object.netns // "" | startswith("\($prefix)-\($who)-");
def nobodys: .object.netns_inode == null;
def name: "\(.where)/\(.cause)";
def is($expected): name == $expected.name and (of_owner($expected.owner) or nobodys);
def accounted: . as $it | any($all[]; . as $expected | $it | is($expected));
def of_another: . as $it | any($all[]; .owner != $owner and (. as $expected | $it | is($expected)));
def of_scene: of_owner($owner) or (nobodys and (of_another | not));
def of_lab: nobodys or (.object.netns // "" | startswith("\($prefix)-"));

# The finding that is this scene's: alone it is the worst one. Beside others it is the one that is expected; failing that, one
# in the same place or at least in a namespace of the scene that nobody expects: a wrong answer rather than none.
(if $fault | not then null
elif $beside == "" then .findings[0]
else [.findings[] | select(name == $mine and of_owner($owner))] + [.findings[] | select(name == $mine and nobodys)] +
	[.findings[] | select(of_owner($owner) and (accounted | not) and .where == $where)] +
	[.findings[] | select(of_owner($owner) and (accounted | not))] | .[0] end) as $found |
[.findings[] | select(of_lab and (accounted | not)) | select(. != $found) | name] as $extra |
[$found.because[]?.cause] as $said | $found.packets as $count |

# Within 2 %, and within one packet of a small number.
def near($so; $told): ($told | type) == "number" and (($so - $told | fabs) | . * 50 <= $so or . <= 1);

# The first that is not met of a list of [CONDITION, WHAT IS WRONG].
def first_unmet: map(select(.[0] | not) | .[1]) | .[:1] | .[];

def also_finding($pair): [.findings[] | select(name == $pair and of_scene)][0];

# Part of the truth may have gone with a counter that was set back: no more than it, no less than the part that can be seen,
# and the answer says "at least". Drop events are not set back: with them it is all of it.
def count_wrong:
	if $true == null then empty
	elif ($count | type) != "number" then "no count"
	elif $least == null or .ledger.events != null then if near($true; $count) then empty else "count" end
	elif $found.at_least != true then "not at least"
	elif $count > $true or $count * 100 < $true * $least then "count" else empty end;

def also_count_wrong:
	. as $answer | range([$others, $also_true | length] | min) | . as $i |
	($answer | also_finding($others[$i]).packets) as $told |
	select(near($also_true[$i]; $told) | not) | "count of \($others[$i]): \($told) instead of \($also_true[$i])";

# The verdict must be one of the faults of the run; alone there is one.
def fault_wrong:
	. as $answer | ($reasons - $said) as $lacking | [$others[] | select(. as $pair | $answer | also_finding($pair) == null)] as $unfound |
	"\(.verdict.where)/\(.verdict.cause)" as $verdict |
	[[$status == 1, "status \($status)"],
	 [any($all[]; .rank == "first" and .name == $verdict), "verdict \($verdict)"],
	 [$found != null and ($found | name) == $mine, "no finding \($mine)"],
	 [$lacking == [], "because lacks \($lacking | join(" "))"],
	 [$unfound == [], "no finding \($unfound | join(" "))"],
	 [$host == "" or $found.object.netns == $host, "namespace"],
	 [(try ($found | .object | object_is) catch false), "object"]] | first_unmet;

def innocent_wrong:
	(if any($all[]; .rank == "first") or $status == 0 or $status == 3 then empty else "status \($status)" end),
	(($innocent | words) - [.innocent[] | select(of_scene) | .cause] | .[] | "\(.) not listed as innocent");

def mistaken_for:
	[(.findings[], .innocent[]) | select(of_scene) | .cause, .because[]?.cause] as $named |
	$looks_like | words | .[] | select(. as $id | $named | index($id)) | "taken for \(.)";

# What the kernel told of each dropped packet, where that was observed: it proves the answer, and nothing of it is left over
# (what others on this machine lose meanwhile is theirs).
def events_wrong:
	if .ledger.events == null then empty
	elif $fault and $proven != "no" and $found.confidence != "proven" then "\($found.confidence), not proven"
	elif $untold != "" then empty
	else .ledger.events |
		([.unmatched_kinds[] | select(.least > 0 and ({object: .} | nobodys or of_owner($owner)))]) as $rest |
		if $rest != [] then $rest[0] | "\(.least) to \(.most) drop events unmatched: \(.reason) at \(.place)"
		elif .untold > .nameless then "\(.untold) counted without an event" else empty end
	end;

# The report for people, as one line.
def report_wrong:
	($report | gsub("[ \n]+"; " ")) as $text |
	($shows | lines | .[] | select(. as $pattern | $text | test($pattern) | not) | "report without \(.)"),
	($hides | lines | .[] | select(. as $pattern | $text | test($pattern)) | "report with \(.)");

# What the whole window shows, and an answer that came early need not.
def window_wrong:
	count_wrong, also_count_wrong,
	([[$pattern == "" or $found.pattern == $pattern, "not \($pattern)"],
	  [(try ($found | .spread | spread_is) catch false), "spread"]] | first_unmet);

# The answer from a ticket (see tickets.sh). Reasons and confidence are not asked for: they often stand on what no tool prints.
# $told is what tickets.tsv says instead of the truth: names that the first finding may have, or "none". Beside others only what
# is in the scene's own namespaces counts.
def told_here: .findings[] | select(of_lab and ($beside == "" or of_scene));
def ticket_first: [told_here] | if . == [] then "none" else .[0] | name end;
def ticket_wrong:
	ticket_first as $first | ($told | words) as $tellable |
	([told_here | select(accounted | not) | name] - $tellable) as $more |
	[[$told == "" or ($first | IN($tellable[])), "\($first), not \($told)"],
	 [$more == [], "\($more[0]) besides"],
	 [$told != "" or ($fault | not) or any(.findings[]; name == $mine and of_scene), "\($first)"],
	 [$told != "" or ($fault | not) or $beside != "" or $first == $mine, "\($first) first"],
	 [$fault or $told != "" or $beside != "" or .verdict.loss != "yes", "loss"]] | first_unmet | "from a ticket: \(.)";

[if $shape != "" then $shape else
	mistaken_for,
	(if $fault then fault_wrong else innocent_wrong end),
	($extra[:1] | .[] | "finding \(.) besides"),
	(if $whole and $fault then window_wrong else empty end),
	(if $whole then events_wrong, (if $beside != "" or $shows + $hides == "" then empty else report_wrong end) else empty end),
	($ticket[] | ticket_wrong)
end] as $wrong |

def right(as_told): if $fault then as_told else $extra == [] end;

([(if $fault then ([$mine] + $reasons | join(" < ")) + ($others | map(" + " + .) | add // "")
   else "innocent" + (if $innocent == "" then "" else ": \($innocent)" end) end),
  (if $found != null then [$found | name] + $said | join(" < ") else "loss \(.verdict.loss)" end),
  ($true // "-"), ($count // "-"), ($wrong[0] // "")] | map(tostring | gsub("[\t\n]"; " ")) | join("\t")),
({scene: $scene, beside: $beside, kind: (if $fault then "fault" else "innocent" end), family: ($family | tonumber),
	kernel: $kernel, machine: $machine, mode: $mode,
	events: (if .ledger.events == null then null else .ledger.events.way // "yes" end),
	truth: {where: ($where | known), cause: ($cause | known), because: $reasons, lost: $true, at_least: $least},
	answer: {status: $status, where: $found.where, cause: $found.cause, because: $said, lost: $count,
		confidence: $found.confidence, extra: $extra},
	right: {where: right($found.where == $where),
		cause: right($found.where == $where and $found.cause == $cause),
		because: right($found.cause == $cause and $reasons - $said == []),
		count: (if $whole and $fault and $true != null then [count_wrong] == [] else null end)},
	seconds: ($us | tonumber / 10000 | round / 100),
	window: .window.seconds, ended: .window.ended, wrong: ($wrong[0] // "")} | tojson)
