#!/usr/bin/env python3
"""Writes our own golden files, always the same ones.

    python3 tests/vectors/generate.py [FOLDER]

Where a test knows the answer without evaluating anything (an order of steps, whether a
document is broken, whether a date parses) it says so here, and the reference is held to it.
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True

import reference
from documents import (HALVES, ON, allocations, case, compact, condition, document, experiment, flag,
                       golden, ranges, raw, rule, search, variants)

FILES = {}


def file(name):
    def register(make):
        FILES[name] = make
        return make
    return register


def reasons(text, case_index=0):
    return {e["experiment_key"]: e["reason"] for e in json.loads(text)["cases"][case_index]["expect"]}


# ---------------------------------------------------------------- bucketing

EDGES = [("a", 0, 0), ("b", 100, 199), ("a", 200, 299), ("b", 5000, 5000), ("a", 9999, 9999)]
AROUND = [0, 1, 99, 100, 199, 200, 299, 300, 4999, 5000, 5001, 9998, 9999]


@file("boundaries")
def boundaries():
    experiments, cases = [], []

    def add(name, algorithm, hashed_with, buckets, **fields):
        experiments.append(experiment(name, **fields))
        for b, key in zip(buckets, search(algorithm, hashed_with, buckets)):
            cases.append(case(f"{name}@{b}", key))

    for name, algorithm, salt in [("alloc-fnv", "fnv1a64", "checkout_v2"), ("alloc-murmur", "murmur3", "sål🙂")]:
        add(name, algorithm, salt, AROUND, salt=salt, hash=algorithm, allocations=allocations(*EDGES))
    # The list need not be sorted, and a variant may own several ranges or none.
    add("alloc-unsorted", "murmur3", "unsorted", AROUND, salt="unsorted",
        allocations=allocations(*reversed(EDGES)), variants=variants("a", "b", "none"))
    gate = ranges((0, 0), (500, 999), (7000, 7000), (9999, 9999))
    around = [0, 1, 499, 500, 999, 1000, 6999, 7000, 7001, 9998, 9999]
    add("group", "murmur3", "layer-salt", around, group={"key": "g", "salt": "layer-salt", "ranges": gate})
    # A gate hashes with murmur3 whatever the experiment's own hash is.
    add("holdout", "murmur3", "held-salt", around, hash="fnv1a64",
        holdouts=[{"key": "h", "salt": "held-salt", "ranges": gate}])
    for name, algorithm, buckets in [("rule-fnv", "fnv1a64", [0, 499, 999]), ("rule-murmur", "murmur3", around)]:
        add(name, algorithm, name, buckets, hash=algorithm, allocations=allocations(("a", 0, 9999)),
            rules=[rule(allocations=allocations(("b", 0, 0), ("b", 500, 999))),
                   rule(allocations=allocations(("a", 7000, 7000), ("b", 9999, 9999)))])
    experiments.sort(key=lambda e: e["key"])
    return golden("boundaries", experiments, cases)


USER_KEYS = (["abcdefghi"[:n] for n in range(1, 10)]
             + ["x" * 511, "x" * 512, "é" * 256, "é" * 255 + "x", "日" * 170 + "ab", "🙂" * 128, "🙂" * 127 + "abc"]
             + ["é", "aé", "abé", "abcé", "日", "a日", "ab日", "abc日", "🙂", "a🙂", "ab🙂", "abc🙂", "abcd🙂e"]
             + ["\0", "a\0", "\0a", "abc\0", "abcd\0", "\0\0\0\0", "\0\0\0\0\0"]
             + ["\u00e9\u0301", "e\u0301", "\u212b", "\u00c5", "A\u030a", "\ufb01", "\ufeffa", "\u200d", "\U0010ffff", "\uffff"]
             + ["a ", "A", "-1", "\u007f", "\u0080", "\u07ff", "\u0800"])

BUCKET_BY = ["acme", "", "-0", "\0", "é", "e\u0301", "🙂", "c" * 512, "c" * 513, "é" * 256, "é" * 256 + "x", 0, raw("-0"), raw("-0.0"), raw("1e-400"), raw("2.0"), raw("20e-1"), 2.5,
             raw("0.9999999999999999"), raw("0.99999999999999999"), -1, raw("1E+3"),
             -4294967297, raw("9007199254740990.5"), 2**53 - 1, -(2**53 - 1), 2**53, -(2**53), 2**53 + 1,
             raw("9007199254740991.4"), raw("9007199254740991.5"), 2**63, raw("1e21"), raw("-1e308"),
             True, False, None, ["acme"], [1], {"id": "acme"}]


@file("keys")
def keys():
    experiments = [experiment(f"fnv-{n}", hash="fnv1a64", salt="salt:"[:n]) for n in (0, 5)]
    experiments += [experiment(f"murmur-{n}", salt="wxyz"[:n]) for n in range(5)]
    experiments += [experiment("murmur-astral", salt="🙂"), experiment("murmur-nul", salt="\0")]
    cases = [case(f"key {i}", key) for i, key in enumerate(USER_KEYS)]
    return golden("keys", experiments, cases)


@file("bucket-by")
def bucket_by():
    everyone = ranges((0, 9999))
    by = {"bucket_by": "company"}
    experiments = [
        experiment("by", bucket_by="company"),
        experiment("by-dotted", bucket_by="org.id"),
        experiment("by-empty-name", bucket_by=""),
        experiment("by-fnv", bucket_by="company", hash="fnv1a64"),
        experiment("by-user-key", bucket_by="user_key"),
        experiment("concluded", bucket_by="company", status="CONCLUDED", winner="b"),
        experiment("gate-key-only", bucket_by="company", group={"key": "g2", "salt": "g2", "ranges": everyone}),
        experiment("group", group={"key": "g", "salt": "g", "ranges": ranges((0, 4999)), **by}),
        experiment("group-null", group={"key": "g4", "salt": "g", "ranges": everyone, "bucket_by": None}),
        experiment("holdout-all", holdouts=[{"key": "h", "salt": "h", "ranges": everyone, **by}]),
        experiment("override", bucket_by="company", overrides={"qa": "b"}),
        experiment("rule", bucket_by="company", rules=[rule(allocations=allocations(("b", 0, 9999)))]),
        experiment("rule-plain", bucket_by="company",
                   rules=[rule(allocations=allocations(("a", 0, 9999))), rule(condition("vip", "eq", True), variant="b")]),
        experiment("unsupported", bucket_by="company", requires=["telepathy"]),
    ]
    cases = [case("missing"), case("missing, vip", context={"vip": True}), case("missing, qa", "qa"),
             case("missing, sticky", sticky={"by": "b", "rule": "a", "group": "a"}),
             case("not user_key", context={"user_key": "someone else", "": "empty name"}),
             case("dotted path", context={"org": {"id": "acme"}}),
             case("dotted literal", context={"org.id": "acme", "org": {"id": 5}}),
             case("dotted literal null", context={"org.id": None, "org": {"id": "acme"}}),
             case("dotted through an array", context={"org": [{"id": "acme"}]})]
    cases += [case(f"company {i}", context={"company": value, "": value, "org": {"id": value}})
              for i, value in enumerate(BUCKET_BY)]
    return golden("bucket-by", experiments, cases)


@file("hash-boundaries")
def hash_boundaries():
    cases = []

    def add(algorithm, salt, key):
        cases.append({"algorithm": algorithm, "salt": salt, "user_key": key,
                      "bucket": reference.bucket(algorithm, salt, key)})

    for key, expected in [("user:1", 4830), ("user:2", 6619)]:
        add("fnv1a64", "checkout_v2", key)
        assert cases[-1]["bucket"] == expected
    add("fnv1a64", "onboarding_v3", "user:100")
    assert cases[-1]["bucket"] == 6602
    for algorithm in ("murmur3", "fnv1a64"):
        for key_length in range(1, 10):
            for salt_length in range(9):
                add(algorithm, "stuvwxyz0"[:salt_length], "ABCDEFGHI"[:key_length])
        for key in USER_KEYS:
            add(algorithm, "c3ab", key)
        for salt in ("", ":", "a:b", "é", "🙂", "\0", "s" * 64, "0b6c5f8e-3b0e-4d2c-9e57-0f6a1c2d3e4f"):
            add(algorithm, salt, "b:a")
            for key in search(algorithm, salt, [0, 1, 9998, 9999]):
                add(algorithm, salt, key)
    # The same bytes cut elsewhere: the same for murmur3, told apart by the colon for fnv1a64.
    for algorithm in ("murmur3", "fnv1a64"):
        for salt, key in [("b", "a"), ("", "ab"), ("ab", "c"), ("c", "ab"), ("bc", "a"), ("a:b", "c"), ("a", "b:c")]:
            add(algorithm, salt, key)
    # murmur3 above 2^31, and in the incomplete last ten thousand below 2^32.
    number, high = 0, []
    while len(high) < 2:
        if reference.murmur3_x86_32(b"k%dtop" % number) > (2**32 // 10000) * 10000:
            high.append(f"k{number}")
        number += 1
    for key in high:
        add("murmur3", "top", key)
    return compact({"cases": cases})


WEIGHTS = [[1], [1_000_000], [1, 1], [1, 1, 1], [1] * 7, [1] * 10, [1, 2, 3], [3, 2, 1], [0, 1], [1, 0], [0, 0, 1, 0],
           [1, 0, 1], [50, 50], [33, 33, 34], [33, 33, 33], [1, 9999], [9999, 1], [1, 9998, 1], [1, 4999, 5000],
           [2, 19998], [100, 1_000_000], [999_999, 1_000_000], [1_000_000] * 3, [100, 1_000_000], [334, 333, 333],
           [1, 99], [5, 5, 90], [10_000 - 7, 7], [6, 7, 8, 9], [1_000_000, 1_000_000],
           [123_457, 654_321, 222_222], [1] * 100, [1] * 128, [97] * 103, list(range(1, 60)), [0] * 5 + [1] + [0] * 5,
           [999_983, 999_979, 999_961], [12345, 1_000_000, 500, 77777]]


def owns_all(weights):
    return all((r is not None) == (w > 0) for w, r in zip(weights, reference.weights_to_ranges(weights)))


@file("weights-boundaries")
def weights_boundaries():
    lists = [*WEIGHTS, [1] * 333 + [667]]
    assert all(map(owns_all, lists))
    return compact({"cases": [{"weights": w, "ranges": reference.weights_to_ranges(w)} for w in lists]})


@file("shares")
def shares():
    cases = []
    for weights in ([1], [1, 1], [1, 1, 1], [0, 1, 2], [1, 9999], [33, 33, 34], [1] * 7, [100, 1_000_000], [1] * 11, [3, 0, 4]):
        for share in (0, 1, 2, 3, 4, 5000, 3333, 3334, 6667, 9998, 9999, 10000, 1000, 250, 7, 1234):
            cases.append({"weights": weights, "traffic_share": share,
                          "ranges": reference.weights_to_ranges(weights, share)})
    return compact({"cases": cases})


# ---------------------------------------------------------------- the order of the decision

STEPS = [
    {"requires": ["telepathy"]},
    {"status": "CONCLUDED", "winner": "winner"},
    {"overrides": {"user-1": "pinned"}},
    {"rules": [rule(variant="ruled")]},
    {},  # sticky state, in the case
    {"targeting_rules": [rule(condition("nobody", "exists"))]},
    {"prerequisites": [{"experiment": "absent", "variants": ["on"]}]},
    {"holdouts": [{"key": "h", "salt": "h", "ranges": ranges((0, 9999))}]},
    {"group": {"key": "g", "salt": "g", "ranges": []}},
    {"bucket_by": "nobody"},
    {"allocations": []},
]
OUTCOMES = [(None, "UNSUPPORTED"), ("winner", "CONCLUDED"), ("pinned", "OVERRIDE"), ("ruled", "RULE"), ("kept", "STICKY"),
            (None, "TARGETING_MISMATCH"), (None, "PREREQUISITE_FAILED"), (None, "HOLDOUT"), (None, "EXCLUDED_BY_GROUP"),
            (None, "NO_BUCKETING_KEY"), (None, "NOT_IN_TRAFFIC")]


@file("order")
def order():
    active_sets = [()] + [(i,) for i in range(11)] + [(i, j) for i in range(11) for j in range(i + 1, 11)]
    active_sets += [tuple(range(i, 11)) for i in range(9)]
    experiments, expected, sticky = [], {}, {}
    for active in active_sets:
        key = "steps-" + "-".join(f"{i:02}" for i in active)
        fields = {"variants": variants("winner", "pinned", "ruled", "kept", "split"),
                  "allocations": allocations(("split", 0, 9999))}
        for step in active:
            fields |= STEPS[step]
        experiments.append(experiment(key, **fields))
        if 4 in active:
            sticky[key] = "kept"
        expected[key] = OUTCOMES[active[0]] if active else ("split", "SPLIT")
        if active and active[0] == 1 and 5 in active:
            expected[key] = (None, "TARGETING_MISMATCH")
    experiments.sort(key=lambda e: e["key"])
    cases = [case("everything", sticky=sticky), case("somebody else, somewhere", "user-2", {"nobody": "acme"}, sticky)]
    text = golden("order", experiments, cases)
    for answer in cases[0]["expect"]:
        assert expected[answer["experiment_key"]] == (answer["variant_key"], answer["reason"]), answer
    return text


@file("gates")
def gates():
    """Overrides, rules, sticky state, holdouts and groups, each clause of them."""
    all_of, none_of = ranges((0, 9999)), []

    def layer(key, within=all_of, **more):
        return {"key": key, "salt": "layer", "ranges": within, **more}

    no = condition("nope", "exists")
    yes = condition("nope", "notExists")
    out = allocations()
    experiments = [
        experiment("g-concluded", group=layer("sib"), status="CONCLUDED", winner="a"),
        experiment("g-empty", group=layer("alone", none_of)),
        experiment("g-in", group=layer("alone-2")),
        experiment("g-no-key", group=layer("alone-3", bucket_by="nobody")),
        experiment("g-no-key-either", group=layer("alone-4", bucket_by="nobody"), bucket_by="nobody"),
        experiment("g-null", group=None),
        experiment("g-one", group=layer("sib")),
        experiment("g-other-key-same-salt", group=layer("other")),
        experiment("g-overlapping-ranges", group=layer("alone-5", ranges((0, 9999), (0, 9999)))),
        experiment("g-same-key-other-salt", group=layer("sib") | {"salt": "another"}),
        experiment("g-two", group=layer("sib")),
        experiment("g-unknown-status", group=layer("sib"), status="FROZEN"),
        experiment("g-unsupported", group=layer("sib"), requires=["telepathy"]),
        experiment("g-unsupported-hash", group=layer("sib"), hash="md5"),
        experiment("h-empty-list", holdouts=[]),
        experiment("h-no-key", holdouts=[layer("h", bucket_by="nobody")]),
        experiment("h-none", holdouts=[layer("h", none_of)]),
        experiment("h-second", holdouts=[layer("h", none_of), layer("h2")]),
        experiment("h-second-after-no-key", holdouts=[layer("h", bucket_by="nobody"), layer("h2")]),
        experiment("h-same-twice", holdouts=[layer("h", none_of), layer("h", none_of)]),
        experiment("o-first-of-two", overrides={"user-1": "a", "user-2": "b"}),
        experiment("o-gone", overrides={"user-1": "gone"}, rules=[rule(yes, variant="b")]),
        experiment("o-gone-sticky", overrides={"user-1": "gone"}),
        experiment("o-ignores-case", overrides={"USER-1": "b", " user-1": "b", "user-1 ": "b"}, allocations=out),
        experiment("o-unicode", overrides={"é": "b", "e\u0301": "a", "\0": "b", "": "a"}, allocations=out),
        experiment("r-and", rules=[rule(yes, no, variant="b"), rule(no, yes, variant="b")], allocations=out),
        experiment("r-any", rules=[rule(variant="b")], targeting_rules=[rule(no)]),
        experiment("r-first-wins", rules=[rule(yes, variant="b"), rule(variant="a")]),
        experiment("r-no-key-passes", bucket_by="nobody", rules=[rule(allocations=allocations(("a", 0, 9999))), rule(variant="b")]),
        experiment("r-none", rules=[]),
        experiment("r-outside-passes", rules=[rule(allocations=out), rule(yes, allocations=allocations(("b", 0, 9999)))]),
        experiment("r-outside-then-split", rules=[rule(allocations=out)]),
        experiment("r-second", rules=[rule(no, variant="a"), rule(yes, variant="b")]),
        experiment("s-gone", allocations=out),
        experiment("s-kept", allocations=out),
        experiment("s-kept-false", allocations=out, sticky=False),
        experiment("s-kept-true", allocations=out, sticky=True),
        experiment("t-or", targeting_rules=[rule(no), rule(yes)]),
        experiment("t-or-none", targeting_rules=[rule(no), rule(no, yes)]),
        experiment("x-concluded-no-key", bucket_by="nobody", status="CONCLUDED", winner="b"),
    ]
    siblings = ["g-concluded", "g-one", "g-other-key-same-salt", "g-same-key-other-salt", "g-two", "g-unknown-status",
                "g-unsupported", "g-unsupported-hash"]
    cases = [case("plain"), case("trailing space", "user-1 "), case("é", "é"), case("decomposed", "e\u0301"), case("nul", "\0")]
    cases += [case(f"sticky in {key}", "user-2", sticky={key: "a"}) for key in siblings]
    cases += [case(f"gone in {key}", "user-2", sticky={key: "gone"}) for key in ("g-one",)]
    cases += [case("sticky in an absent one", sticky={"absent": "a"}),
              case("sticky in two", sticky={"g-one": "b", "g-two": "a"}),
              case("sticky elsewhere", sticky={"g-in": "b", "g-null": "a", "s-kept": "a", "s-gone": "gone", "s-kept-true": "b",
                                               "s-kept-false": "b", "o-gone-sticky": "b", "r-none": "a", "h-second": "a",
                                               "g-empty": "b", "g-no-key": "a"}),
              case("somebody", context={"nobody": "acme"}),
              case("somebody nope", "user-2", {"nobody": "acme", "nope": 1})]
    return golden("gates", experiments, cases)


@file("prerequisites")
def prerequisites():
    def after(key, *needs, **fields):
        return experiment(key, **ON, prerequisites=[{"experiment": n, "variants": ["on"]} for n in needs], **fields)

    pinned = {"overrides": {"pinned": "on"}}
    ruled = {"rules": [rule(condition("ruled", "eq", True), variant="on")]}
    closed = {"targeting_rules": [rule(condition("open", "eq", True))]}
    experiments = [
        after("absent", "no-such-experiment"),
        after("after-absent", "absent"),
        after("after-broken", "x-broken"),
        after("after-concluded", "x-concluded"),
        after("after-concluded-closed", "x-concluded-closed"),
        after("after-cycle", "cycle-1"),
        after("after-excluded", "x-excluded"),
        after("after-held-out", "x-held-out"),
        after("after-no-key", "x-no-key"),
        after("after-not-in-traffic", "x-not-in-traffic"),
        after("after-pinned", "x-pinned"),
        after("after-ruled", "x-ruled"),
        after("after-sticky", "x-sticky"),
        experiment("both-listed", **ON, prerequisites=[{"experiment": "y-halves", "variants": ["b", "a"]}]),
        after("concluded-ignores", "absent", status="CONCLUDED", winner="on"),
        after("cycle-1", "cycle-2"), after("cycle-2", "cycle-3", **pinned, **ruled), after("cycle-3", "cycle-1"),
        after("cycle-closed-1", "cycle-closed-2"), after("cycle-closed-2", "cycle-closed-1", **closed),
        after("cycle-concluded-1", "cycle-concluded-2"),
        after("cycle-concluded-2", "cycle-concluded-1", status="CONCLUDED", winner="on"),
        after("cycle-two-ways-1", "x-plain", "cycle-two-ways-2"), after("cycle-two-ways-2", "x-plain", "cycle-two-ways-1", **pinned),
        after("diamond", "diamond-l", "diamond-r"), after("diamond-l", "x-plain"), after("diamond-r", "x-plain"),
        experiment("empty-list", **ON, prerequisites=[]),
        after("first-fails", "absent", "x-plain"),
        experiment("half-a", **ON, prerequisites=[{"experiment": "y-halves", "variants": ["a"]}]),
        experiment("half-b", **ON, prerequisites=[{"experiment": "y-halves", "variants": ["b"]}]),
        after("later-first", "z-later"),
        experiment("no-variants", **ON, prerequisites=[{"experiment": "x-plain", "variants": []}]),
        experiment("other-variant", **ON, prerequisites=[{"experiment": "x-plain", "variants": ["off", "ON", ""]}]),
        after("override-ignores", "absent", **pinned),
        after("second-fails", "x-plain", "absent"),
        after("self", "self", **pinned, **ruled),
        after("self-after", "self"),
        after("sticky-ignores", "absent"),
        experiment("unsupported-ignored", **ON, prerequisites=[{"experiment": "x-plain", "variants": ["on"], "note": 1}]),
        experiment("x-broken", **ON, requires=["telepathy"]),
        experiment("x-concluded", **ON, status="CONCLUDED", winner="on"),
        experiment("x-concluded-closed", **ON, status="CONCLUDED", winner="on", **closed),
        experiment("x-excluded", **ON, group={"key": "g", "salt": "g", "ranges": []}),
        experiment("x-held-out", **ON, holdouts=[{"key": "g", "salt": "g", "ranges": ranges((0, 9999))}]),
        experiment("x-no-key", **ON, bucket_by="nobody"),
        experiment("x-not-in-traffic", **(ON | {"allocations": []})),
        experiment("x-pinned", **(ON | {"allocations": []}), **pinned),
        experiment("x-plain", **ON),
        experiment("x-ruled", **(ON | {"allocations": []}), **ruled),
        experiment("x-sticky", **(ON | {"allocations": []})),
        experiment("y-halves", salt="h1"),
        experiment("z-later", **ON),
    ]
    halves = {reference.bucket("murmur3", "h1", f"user-{i}") < 5000 for i in (1, 2)}
    assert halves == {True, False}
    cases = [case(f"user-{i}", f"user-{i}") for i in (1, 2)]
    cases += [case("pinned", "pinned"), case("ruled", context={"ruled": True}), case("open", context={"open": True})]
    cases += [case(f"sticky {key}", sticky={key: "on"})
              for key in ("cycle-1", "cycle-3", "self")]
    cases.append(case("sticky elsewhere", sticky={"absent": "on", "x-sticky": "on", "x-broken": "on", "sticky-ignores": "on", "x-concluded-closed": "on", "cycle-two-ways-1": "on"}))
    cases += [case("sticky gone", sticky={"x-sticky": "gone", "cycle-1": "gone"}), case("somebody", context={"nobody": 1})]
    text = golden("prerequisites", experiments, cases)
    plain = reasons(text)
    assert all(plain[k] == "PREREQUISITE_FAILED" for k in plain if k.startswith(("cycle-1", "cycle-two", "self", "after-cycle")))
    assert plain["cycle-closed-2"] == "TARGETING_MISMATCH" and plain["cycle-concluded-1"] == "SPLIT"
    return text


@file("prerequisite-chains")
def prerequisite_chains():
    """A reader takes chains of any length: 32 is checked when writing."""
    experiments = []
    for name, length in (("long", 60), ("over", 34)):
        for i in range(length):
            needs = [{"experiment": f"{name}-{i + 1:03}", "variants": ["on"]}] if i + 1 < length else []
            last = {} if i + 1 < length else {"targeting_rules": [rule(condition(f"closed-{name}", "notExists"))]}
            experiments.append(experiment(f"{name}-{i:03}", **ON, prerequisites=needs, **last))
    cases = [case("open"), case("long closed", context={"closed-long": 1}),
             case("others closed, settled half-way", context={"closed-over": 1}, sticky={"over-017": "on"})]
    return golden("prerequisite-chains", experiments, cases)


# ---------------------------------------------------------------- targeting

def inside(segment, **more):
    return {"operator": "inSegment", "value": segment, **more}


def outside(segment, **more):
    return {"operator": "notInSegment", "value": segment, **more}


@file("segments")
def segments():
    is_a, is_b = condition("a", "eq", 1), condition("b", "eq", 1)
    table = {
        "": [rule(is_a)],
        "a": [rule(is_a)], "a-and-b": [rule(is_a, is_b)], "a-or-b": [rule(is_a), rule(is_b)],
        "broken-operator": [rule(condition("a", "frobnicate", 1))],
        "broken-rule": [{"note": "no conditions"}],
        "broken-second-rule": [rule(), rule(condition("a", "gt", "1"))],
        "broken-shape": {"conditions": []},
        "broken-via": [rule(is_a, inside("broken-operator"))],
        "broken-via-not": [rule(outside("broken-via"))],
        "cycle-1": [rule(inside("cycle-2"))], "cycle-2": [rule(is_a), rule(outside("cycle-1"))],
        "cycle-self": [rule(is_a), rule(inside("cycle-self"))],
        "deep-1": [rule(inside("deep-2"))], "deep-2": [rule(outside("deep-3"))], "deep-3": [rule(inside("deep-4"))],
        "deep-4": [rule(outside("a"))],
        "diamond": [rule(inside("diamond-l"), inside("diamond-r"))],
        "diamond-l": [rule(inside("a"))], "diamond-r": [rule(inside("a-or-b"))],
        "é🙂": [rule(is_b)],
        "empty": [], "everyone": [rule()], "extra-fields": [rule(is_a, note=1)],
        "leads-to-cycle": [rule(inside("cycle-1"))], "leads-to-missing": [rule(is_a), rule(inside("missing"))],
        "not-a": [rule(outside("a"))], "not-empty": [rule(outside("empty"))], "null": None, "number": 5,
        "of-user-key": [rule(condition("user_key", "eq", "user-1"))], "rule-null": [None],
        "unused-and-broken": "nobody refers to me",
    }
    experiments = []
    for i, name in enumerate([*table, "missing"]):
        if name != "unused-and-broken":
            experiments.append(flag(f"in-{i:02}", inside(name)))
            experiments.append(flag(f"out-{i:02}", outside(name)))
    experiments += [
        flag("with-attribute", inside("a", attribute="ignored")),
        flag("with-attribute-empty", inside("a", attribute="")),
        flag("with-attribute-null", inside("a", attribute=None)),
        flag("with-field", inside("a", note=1)),
        flag("with-ignore-case", inside("a", ignore_case=True)),
        flag("with-ignore-case-false", outside("a", ignore_case=False)),
        flag("with-value-absent", {"attribute": "a", "operator": "inSegment"}),
        flag("with-value-list", inside(["a"])),
        flag("with-value-null", outside(None)),
        flag("with-value-number", inside(5)),
        experiment("z-concluded-broken", status="CONCLUDED", winner="a", rules=[rule(inside("missing"), variant="a")]),
        experiment("z-overridden-broken", overrides={"user-1": "a"}, rules=[rule(inside("cycle-self"), variant="a")]),
        experiment("z-rule", **ON, rules=[rule(inside("a"), outside("b-missing-attribute"), variant="on")]),
        experiment("z-rule-fine", **ON, rules=[rule(inside("a"), condition("b", "notExists"), variant="on")]),
        experiment("z-second-rule-broken", **ON, targeting_rules=[rule(), rule(outside("missing"))]),
    ]
    experiments.sort(key=lambda e: e["key"])
    cases = [case("nobody", "user-2"), case("user-1"), case("a", "user-2", {"a": 1}), case("b", "user-2", {"b": 1}),
             case("both", "user-2", {"a": 1, "b": 1})]
    text = golden("segments", experiments, cases, segments=table)
    unsupported = {k for k, reason in reasons(text).items() if reason == "UNSUPPORTED"}
    for i, name in enumerate([*table, "missing"]):
        broken = name.startswith(("broken", "cycle", "leads", "null", "number", "rule-null", "missing"))
        assert (f"in-{i:02}" in unsupported) == (f"out-{i:02}" in unsupported) == broken, name
    return text


def segments_of_wrong_type(name, value):
    def make():
        experiments = [flag("plain"), flag("refers", inside("0")), flag("refuses", outside("0")),
                       experiment("rule", rules=[rule(inside("beta"), variant="a")])]
        return golden(name, experiments, [case("one"), case("two", "user-2")], segments=value)
    FILES[name] = make


for label, value in (("array", [[]]), ("null", None), ("number", 1), ("string", "0"), ("empty", {})):
    segments_of_wrong_type(f"segments-{label}", value)


@file("lookup")
def lookup():
    names = ["a", "a.b", "a.b.c", "a..c", ".a", "a.", ".", "..", "", "a.0", "a.length", "a.b.0.c", "user_key", "user_key.x",
             "USER_KEY", "a. b", "é", "e\u0301", "__proto__", "a.__proto__.b", "\0", "🙂.🙂"]
    experiments = []
    for i, name in enumerate(names):
        if i == 1:
            experiments.append(flag(f"exists-{i:02}", condition(name, "exists")))
        experiments.append(flag(f"one-{i:02}", condition(name, "eq", 1)))
    experiments += [flag("key-is-context", condition("user_key", "eq", "from context")),
                    flag("key-is-subject", condition("user_key", "eq", "user-1")),
                    flag("key-not-exists", condition("user_key", "notExists"))]
    contexts = [
        {}, {"a": 1}, {"a": None}, {"a": {"b": 1}}, {"a": {"b": None}}, {"a.b": 1}, {"a.b": None, "a": {"b": 1}},
        {"a.b": 2, "a": {"b": 1}}, {"a": {"b": {"c": 1}}}, {"a": {"b.c": 1}}, {"a.b": {"c": 1}}, {"a.b.c": 1},
        {"a.b.c": None, "a": {"b": {"c": 1}}}, {"a": {"": {"c": 1}}}, {"a..c": 1, "": 1}, {"": {"a": 1, "": 1}, "a": {"": 1}}, {"": {"": {"": 1}}}, {".": 1, "..": 1}, {"a": [1]}, {"a": {"0": 1}}, {"a": "1"},
        {"a": {"b": [{"c": 1}]}}, {"a": [{"b": 1}]}, {"user_key": "from context"}, {"user_key": {"x": 1}}, {"user_key": None},
        {"USER_KEY": 1, " a": 1, "é": 1, "__proto__": 1}, {"a": {" b": 1, "__proto__": {"b": 1}}, "e\u0301": 1, "toString": 1, "\0": 1},
        {"🙂": {"🙂": 1}}, {"a": {"b": False}},
    ]
    return golden("lookup", experiments, [case(f"context {i}", context=c) for i, c in enumerate(contexts)])


EACH_TYPE = [None, True, False, raw("-0.0"), 1, raw("1.0"), 1.5, "", "1", "abc", "ABC", "2026-01-02", "1.2.3", [], [None], ["abc"],
             [["abc"]], {}, {"k": "abc"}]


def against(name, conditions, values, attribute="x"):
    experiments = [flag(f"{i:03}-{c['operator']}", c) for i, c in enumerate(conditions)]
    cases = [case("missing")] + [case(f"value {i}", context={attribute: v}) for i, v in enumerate(values)]
    return golden(name, experiments, cases)


@file("operators")
def operators():
    """Each operator against an attribute of each type, missing and null among them."""
    operands = {"eq": "abc", "neq": "abc", "in": ["abc", 1, None], "notIn": ["abc", 1, None], "contains": "b", "startsWith": "a",
                "endsWith": "c", "matches": "^[a-z]+$", "notMatches": "^[a-z]+$", "gt": 0, "gte": 1, "lt": 1, "lte": 0,
                "before": "2026-01-03", "after": "2026-01-01", "semverEq": "1.2.3", "semverGt": "1.2.2", "semverGte": "1.2.3",
                "semverLt": "1.2.4", "semverLte": "1.2.3", "exists": 5, "notExists": 5}
    assert set(operands) == reference.OPERATORS - reference.SEGMENT_OPERATORS
    conditions = [condition("x", o, v) for o, v in operands.items()]
    conditions += [condition("x", o, "1") for o in ("startsWith", "endsWith", "matches")]  # numbers are no strings
    return against("operators", conditions, EACH_TYPE)


@file("equality")
def equality():
    values = [True, 0, 1, "", "1", "a", [], [None], ["a", "b"], {}, {"k": None}, {"k": "a", "l": [1]}, {"k": {"k": 1}}]
    conditions = [condition("x", o, v) for v in values for o in ("eq", "contains")
                  if o == "eq" or v not in ("", "1", [None])]
    conditions += [condition("x", "neq", v) for v in ("a", {})]
    conditions += [condition("x", "in", v) for v in ([], [None], ["a", 1], [["a"], {"k": 1}], [True], [[]])]
    conditions.append(condition("x", "notIn", ["a", None]))
    actual = [None, True, raw("-0.0"), raw("1.0"), "", "1", "ab", [], [None], ["a"], ["b", "a"], ["a", "b"],
              [["a"]], [raw("1.0"), True], ["x", None], [[]], [{}], {}, {"k": None}, {"l": [1], "k": "a"}, {"k": "a"},
              {"k": {"k": raw("1e0")}}, [{"k": 1}]]
    return against("equality", conditions, actual)


@file("numbers")
def numbers():
    pivots = [0, raw("-0.0"), 1, raw("0.1"), 2**53, 2**53 + 1, raw("5e-324"), raw("123456789012345678901234567890")]
    conditions = [condition("x", o, p) for p in pivots for o in ("eq", "gt")]
    conditions += [condition("x", o, p) for p in (1,) for o in ("gte", "lt", "lte")]
    actual = [0, raw("-0"), raw("-0.0"), raw("0e9"), 1, raw("1.0"), raw("10e-1"), raw("0.1"), raw("0.10000000000000000555"),
              raw("0.1000000000000000125"), 2**53 - 1, 2**53, 2**53 + 1, raw("9007199254740993.0"),
              raw("9007199254740993.000000000000000000000000000001"), 2**64 - 1, 2**64, raw("1.7976931348623157e308"),
              raw("1.797693134862315807e308"), raw("4.9e-324"), raw("2.4703282292062327e-324"), raw("2.4703282292062328e-324"),
              raw("1e-400"), raw("123456789012345678901234567890"),
              raw("123456789012345680000000000000"), raw("1.23456789012345678901234567890e29"), "1", "0", True, False, [1], {"a": 1}]
    return against("numbers", conditions, actual)


@file("strings")
def strings():
    conditions = [condition("x", o, v) for v in ("", "a", "\u0301")
                  for o in ("contains", "startsWith", "endsWith")]
    conditions += [condition("x", "matches", v) for v in
                   ("", "a", "^a", "a$", "^$", "^a$", "^(a|b)$", "a|^b", "^[a-c]{2,3}$", "^.$", r"^\d+$", "[^a]", "a.c", "(?i)abc",
                    "^(?:ab)+$", r"a\.c", r"\s", "^🙂+$", "(?i)É", "a{3}")]
    conditions += [condition("x", "notMatches", "^a"), condition("x", "neq", "é"), condition("x", "eq", "e\u0301")]
    actual = ["", "A", "ab", "abc", "aBc", "aaa", "a.c", "a\nc", "a\n", "\na", "a\rc", "é", "e\u0301", "É", "E\u0301", "🙂🙂", "\0", "1", "٣",
              "\u2028", "\x1c", "éa", "ab" * 300 + "c"]
    return against("strings", conditions, actual)


LETTERS = [  # value, attributes equal to it, attributes that are not
    ("ABC", ["abc", "aBc", "ABC"], ["abcd", "ab", "ÁBC", "Абс"]), ("é", ["É", "é"], ["e\u0301", "E\u0301", "e"]),
    ("straße", ["STRAßE", "STRAẞE"], ["STRASSE", "strasse"]), ("ẞ", ["ß", "ẞ"], ["ss", "SS"]),
    ("ΟΔΟΣ", ["οδοσ", "ΟΔΟΣ", "ΟδΟσ"], ["οδος", "ΟΔΟς"]), ("οδος", ["οδος", "ΟΔΟς"], ["ΟΔΟΣ", "οδοσ"]),
    ("Σ", ["σ"], ["ς"]), ("aΣ b", ["aσ B"], ["aς b"]),
    ("İ", ["i\u0307", "İ", "I\u0307"], ["i", "I", "ı"]), ("I", ["i", "I"], ["ı", "İ"]), ("ı", ["ı"], ["i", "I"]),
    ("K", ["k", "\u212a"], []), ("å", ["\u212b", "Å"], ["a\u030a"]), ("Ω", ["\u2126", "ω"], []), ("ſ", ["ſ"], ["s", "S"]), ("µ", ["µ"], ["μ", "Μ"]),
    ("Ǆ", ["ǆ", "ǅ", "Ǆ"], ["DŽ"]), ("𐐀", ["𐐨"], ["𐐁"]), ("𞤀", ["𞤢"], []), ("Ა", ["ა"], []), ("Ꭰ", ["ꭰ"], []), ("Ⴀ", ["ⴀ"], ["ა"]),
    ("ᾈ", ["ᾀ"], ["ἀι"]), ("ﬁ", ["ﬁ"], ["fi", "FI"]), ("Ⅷ", ["ⅷ"], ["VIII"]), ("Ⓐ", ["ⓐ"], ["a"]), ("Ａ", ["ａ"], ["a", "A"]), ("Ÿ", ["ÿ"], []), ("ŉ", ["ŉ"], ["ʼn"]),
    ("Đ", ["đ"], ["ð", "d"]), ("ǰ", ["ǰ"], ["J\u030c"]), ("Ж", ["ж"], []), ("Խ", ["խ"], []), ("և", ["և"], ["ԵՒ"]),
]


@file("ignore-case-letters")
def ignore_case_letters():
    """The lower case of single letters, one experiment for each pair."""
    experiments, context, swapped, equal = [], {}, {}, {}
    for value, same, other in LETTERS:
        for actual in same + other:
            key = f"{len(experiments):03}"
            experiments.append(flag(key, condition(key, "eq", value, ignore_case=True)))
            context[key], swapped[key], equal[key] = actual, [actual], actual in same
    text = golden("ignore-case-letters", experiments, [case("letters", context=context), case("inside arrays", context=swapped)])
    assert all((reason == "SPLIT") == equal[key] for key, reason in reasons(text).items())
    return text


@file("ignore-case")
def ignore_case():
    def cased(operator, value, flag_value=True):
        return condition("x", operator, value, ignore_case=flag_value)

    conditions = [cased("eq", "ABC"), cased("neq", "ABC"), cased("in", ["ABC", 1, ["X"]]), cased("notIn", ["abc", "İ"]), cased("contains", "BC"),
                  cased("contains", ["bC"]), cased("contains", {"K": "V"}), cased("startsWith", "AB"), cased("startsWith", "ΟΔΟΣ"),
                  cased("startsWith", "i"), cased("endsWith", "BC"), cased("endsWith", "Σ"), cased("endsWith", "\u0307"),
                  cased("eq", {"K": ["V", {"L": "W"}]}), cased("eq", ["A", 1, True, None]), cased("eq", 1), cased("eq", True), cased("in", [])]
    conditions += [cased(o, v, False) for o, v in (("eq", "ABC"), ("neq", "ABC"), ("in", ["ABC"]), ("contains", "BC"))]
    actual = ["abc", "ABC", "xabc", "Abcd", "οδος", "ΟΔΟΣΑ", "ΟΔΟς", "İ", "i\u0307", ["abc"], [["BC"]], [["x"]], {"K": ["v", {"L": "W"}]}, {"k": ["V", {"l": "w"}]},
              [{"K": "v"}], [{"k": "v"}], ["a", 1, True, None], ["a", "1", True, None], None, 1, True, "true"]
    return against("ignore-case", conditions, actual)


# ---------------------------------------------------------------- dates and versions

GOOD_DATES = ["2026-01-02", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.1234567890Z",
              "2026-01-02T03:04:05.1234567899999Z", "2026-01-02T03:04:05.123456788999Z", "2026-01-02T03:04:05.12345679Z",
              "2026-01-02T03:04:05." + "0" * 60 + "1Z", "2026-01-02T03:04:05-00:00", "2026-01-02T05:04:05.123456789+02:00", "2026-01-01T03:05:05.123456789-23:59",
              "2026-01-03T03:03:05.123456789+23:59", "2026-01-02T08:49:05.123456789+05:45", "2024-02-29", "2000-02-29", "0001-01-01",
              "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "9999-12-31", "9999-12-31T23:59:59.999999999Z",
              "9999-12-31T23:59:59.999999999-23:59", "9999-12-31T23:59:59.9999999999-23:59", "1970-01-01", "1969-12-31T23:59:59.999999999Z",
              "1677-09-21T00:12:43.145224191Z", "2262-04-11T23:47:16.854775808Z", "2026-12-31T23:59:59Z"]
BAD_DATES = ["", "yesterday", "2026", "2026-01", "2026-1-2", "26-01-02", "02026-01-02", "+2026-01-02", "-2026-01-02", "0000-01-01", "10000-01-01",
             "0000-12-31T23:59:59-01:00", "2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "2026-04-31", "2026-02-29", "1900-02-29", "2100-02-29",
             "2026-02-30", "20260102", "2026/01/02", "2026-001", "2026-W01-1", "2026-01-02T03:04:05", "2026-01-02T03:04Z", "2026-01-02T03Z", "2026-01-02Z",
             "2026-01-02+01:00", "2026-01-02T24:00:00Z", "2026-01-02T23:60:00Z", "2026-12-31T23:59:60Z", "2026-01-02T03:04:61Z", "2026-01-02t03:04:05Z", "2026-01-02T03:04:05z",
             "2026-01-02 03:04:05Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05,1Z", "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05+23:60", "2026-01-02T03:04:05+1:00",
             "2026-01-02T03:04:05+0100", "2026-01-02T03:04:05+01", "2026-01-02T03:04:05+01:00:00", "2026-01-02T03:04:05 Z", " 2026-01-02", "2026-01-02 ", "2026-01-02\n",
             "2026-01-02T03:04:05Z\n", "2026-01-02T03:04:05ZZ", "2026-01-02T03:04:05UTC", "2026-01-02T3:04:05Z", "2026-01-02T03:4:05Z", "2026-01-02T03:04:5Z", "２０２６-01-02", "2026‐01‐02",
             "2026-01-02T03:04:05.１Z", "2026-01-02T03:04:05−01:00", "2026-01-02T", "1767312000000", "2026-01-02T03:04:05.5", "2026-01-02T03:04:05+-1:00", "2026-01-02T-3:04:05Z"]
PIVOTS = ["2026-01-02T03:04:05.123456788Z", "2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.12345679Z", "0001-01-01",
          "9999-12-31T23:59:59.999999999-23:59", "1970-01-01"]


@file("dates")
def dates():
    assert all(reference.instant(d) is not None for d in GOOD_DATES)
    assert all(reference.instant(d) is None for d in BAD_DATES)
    conditions = [condition("x", o, p) for p in PIVOTS for o in ("before", "after")]
    cases = [case("missing")] + [case(f"good {i}", context={"x": d}) for i, d in enumerate(GOOD_DATES)]
    millis = [0, raw("-0.0"), 1, -1, 0.5, -0.5, raw("1e-6"), raw("-1e-6"), raw("1e-7"), raw("-1e-7"), raw("5e-324"), raw("-5e-324"), raw("0.0000019999"), 1767323045123, 1767323045124, 1767323045123.4567,
              raw("1767323045123.456789"), raw("1767323045123.4568"), 1767323045123.5, -62135596800000, raw("-62135596800000.01"), raw("-62135596800001"), -62135683140000, 253402387139999, 253402387140000, 253402387139999.97,
              raw("8.64e15"), 8640000000000000, 8640000000000001, raw("8640000000000000.5"), raw("-8.64e15"), -8640000000000001, raw("8.65e15"), 1e300, -1e300]
    others = [None, True, ["2026-01-02"], {"t": 0}]
    cases += [case(f"number {i}", context={"x": m}) for i, m in enumerate(millis)]
    cases += [case(f"other {i}", context={"x": o}) for i, o in enumerate(others)]
    experiments = [flag(f"{i:02}-{c['operator']}", c) for i, c in enumerate(conditions)]
    experiments.append(flag("before-zero", condition("x", "before", "1969-12-31T23:59:59.999999999Z")))
    return golden("dates", experiments, cases)


def unparsable(name, low, high, values):
    """An attribute that does not parse is on neither side of anything; the last case shows one that does."""
    experiments = [flag("above", condition("x", *low)), flag("below", condition("x", *high))]
    cases = [case(f"value {i}", context={"x": v}) for i, v in enumerate(values)]
    text = golden(name, experiments, cases)
    for i in range(len(values)):
        assert set(reasons(text, i).values()) == {"TARGETING_MISMATCH" if i + 1 < len(values) else "SPLIT"}
    return text


@file("dates-unparsable")
def dates_unparsable():
    return unparsable("dates-unparsable", ("after", "0001-01-01"), ("before", "9999-12-31"), BAD_DATES + ["2026-01-02"])


@file("semver-unparsable")
def semver_unparsable():
    return unparsable("semver-unparsable", ("semverGte", "0.0.0-0"), ("semverLte", "18446744073709551615.0.0"), BAD_VERSIONS + ["1.0.0"])


@file("date-operands")
def date_operands():
    """Each good and bad date as the value of a condition."""
    experiments = [flag(f"{kind}-{i:02}", condition("x", o, d)) for kind, o, dates_ in
                   (("bad", "before", BAD_DATES), ("good", "after", GOOD_DATES)) for i, d in enumerate(dates_)]
    experiments += [flag(f"wrong-{i}", condition("x", "after", v)) for i, v in enumerate([0, 1767312000000, True, None, [], {}])]
    experiments.append(flag("wrong-none", condition("x", "before")))
    experiments.sort(key=lambda e: e["key"])
    text = golden("date-operands", experiments, [case("middle", context={"x": "2026-01-02T03:04:05.12345679Z"})])
    assert all((reason == "UNSUPPORTED") != key.startswith("good") for key, reason in reasons(text).items())
    return text


GOOD_VERSIONS = ["0.0.0", "0.0.1", "0.1.0", "1.0.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                 "1.0.0+build", "1.0.0+001", "1.0.0-alpha+x.7.z.92", "1.0.0+0.0-0", "1.0.0-0", "1.0.0-0.0", "1.0.0-00a", "1.0.0-0a", "1.0.0--", "1.0.0--1", "1.0.0-a-b", "1.0.0-A", "1.0.0-Z",
                 "1.0.0-2", "1.0.0-10", "1.0.0-1a", "1.0.0-alpha.1.0", "1.2.10", "10.0.0", "18446744073709551615.0.0", "0.18446744073709551615.0",
                 "0.0.18446744073709551615", "1.0.0-18446744073709551615", "1.0.0-18446744073709551614", "1.0.0-18446744073709551616a", "1.0.0+18446744073709551616", "1.0.0-" + "a" * 200]
BAD_VERSIONS = ["", "1", "1.0", "1.0.0.0", "v1.0.0", "V1.0.0", "=1.0.0", "01.0.0", "1.01.0", "1.0.01", "00.0.0", "1.0.0-", "1.0.0+", "1.0.0-+b", "1.0.0-a+", "1.0.0-a..b", "1.0.0-.a", "1.0.0-a.",
                "1.0.0+a..b", "1.0.0-01", "1.0.0-a.00", "1.0.0-é", "1.0.0+é", "1.0.0-a_b", "1.0.0+a+b", " 1.0.0", "1.0.0 ", "1.0.0\n", "1.0.0-a\n", "1..0", ".1.0", "1.0.", "-1.0.0", "+1.0.0", "1.-1.0", "a.b.c", "1.0.x",
                "1.0.*", "^1.0.0", ">=1.0.0", "１.0.0", "1.0.٣", "1,0,0", "18446744073709551616.0.0", "0.18446744073709551616.0", "0.0.18446744073709551616", "1.0.0-18446744073709551616",
                "1.0.0-a.99999999999999999999999", "1.0.0-0000"]


@file("semver")
def semver():
    parsed = [reference.version(v) for v in GOOD_VERSIONS]
    assert None not in parsed and not any(map(reference.version, BAD_VERSIONS))
    pivots = ["1.0.0", "1.0.0-alpha.1", "1.0.0-rc.1+build", "1.0.0-2", "1.2.9", "1.0.0-18446744073709551614",
              "18446744073709551614.0.0"]
    conditions = [condition("x", f"semver{o}", p) for p in pivots[:2] for o in ("Eq", "Gt", "Gte", "Lt", "Lte")]
    conditions += [condition("x", o, p) for p in pivots[2:] for o in ("semverGt",)]
    return against("semver", conditions, GOOD_VERSIONS + [None, 1, 1.0, True, ["1.0.0"], {}])


@file("semver-operands")
def semver_operands():
    """Each good and bad version as the value of a condition."""
    experiments = [flag(f"{kind}-{i:02}", condition("x", o, v)) for kind, o, versions in
                   (("bad", "semverLte", BAD_VERSIONS), ("good", "semverGt", GOOD_VERSIONS)) for i, v in enumerate(versions)]
    experiments += [flag(f"wrong-{i}", condition("x", "semverEq", v)) for i, v in enumerate([1, 1.0, True, None, [], {}])]
    experiments.append(flag("wrong-none", condition("x", "semverLt")))
    experiments.sort(key=lambda e: e["key"])
    text = golden("semver-operands", experiments,
                  [case("middle", context={"x": "1.0.0-rc.1"})])
    assert all((reason == "UNSUPPORTED") != key.startswith("good") for key, reason in reasons(text).items())
    return text


# ---------------------------------------------------------------- leniency

def lenient_experiments():
    """(experiment, fine?) for everything a reader may find inside an experiment."""
    number = {True: 0, False: 0}

    def make(fine, *without, **fields):
        number[fine] += 1
        whole = {"allocations": allocations(("a", 0, 9999))} | fields
        return experiment(f"{'fine' if fine else 'not'}-{number[fine]:03}", without, **whole), fine

    def bad(*without, **fields):
        return make(False, *without, **fields)

    def fine(*without, **fields):
        return make(True, *without, **fields)

    def bad_condition(*args, **more):
        return bad(targeting_rules=[rule(condition(*args, **more))])

    def fine_condition(*args, **more):
        return fine(targeting_rules=[rule(condition(*args, **more))])

    # Required fields: absent, null, of a wrong type.
    for name in ("id", "status", "salt", "hash", "variants", "allocations"):
        yield bad(name)
        yield bad(**{name: None})
        yield bad(**{name: 5})
        yield bad(**{name: {}})
    for name in ("id", "status", "salt", "hash"):
        yield bad(**{name: [name]})
    yield bad(variants="a")
    yield bad(allocations="a")
    # Unknown words.
    for status in ("DRAFT", "PAUSED", "ARCHIVED", "running", "RUNNING ", ""):
        yield bad(status=status)
    for algorithm in ("md5", "MURMUR3", "murmur", "fnv1a", "fnv1a32", ""):
        yield bad(hash=algorithm)
    yield bad(requires=["telepathy"])
    yield bad(requires=["regex", "telepathy"])
    yield bad(requires=["Regex"])
    yield bad(requires=[None])
    yield bad(requires=[["regex"]])
    yield bad(requires="regex")
    yield bad(requires={})
    yield bad(requires=True)
    # Variants.
    yield bad(variants=[{"id": "a"}, {"id": "b", "key": "b"}])
    yield bad(variants=[{"key": "a"}, {"id": "b", "key": "b"}])
    yield bad(variants=[{"id": None, "key": "a"}, {"id": "b", "key": "b"}])
    yield bad(variants=[{"id": "a", "key": 1}, *variants("a", "b")])
    yield bad(variants=[{"id": 1, "key": "a"}, *variants("b")])
    yield bad(variants=["a", "b"])
    yield bad(variants=[*variants("a", "b"), None])
    yield bad(variants=variants("a", "b", "a"))
    yield bad(variants=[{"id": "1", "key": "a"}, {"id": "2", "key": "a"}, *variants("b")])
    # Ranges, in each place where they occur.
    for start, end in ((1, 0), (9999, 9998), (-1, 5), (0, 10000), (10000, 10000), (0, raw("5.0")), (raw("0.0"), 5), (raw("0.5"), 5), (raw("1e2"), 200),
                       (0, "5"), (None, 5), (0, None), (True, 5), ([0], 5), (0, raw("4294967296")), (raw("-4294967296"), 5),
                       (0, raw("18446744073709551616")), (raw("-18446744073709551616"), 5), (raw("4294967297"), raw("4294967300"))):
        yield bad(allocations=allocations(("a", start, end)))
    for broken in (ranges((1, 0)), ranges((0, 10000)), ranges((-1, 0)), ranges((0, raw("5.0"))), ranges((0, 1), (5, 4)), [{"range_start": 0}], [{"range_end": 0}],
                   [[0, 5]], [None], [5], None, {}, "0-5"):
        gate = {"key": "k", "salt": "s", "ranges": broken}
        yield bad(group=gate)
        yield bad(holdouts=[{"key": "k", "salt": "s", "ranges": []}, gate])
    for broken in (allocations(("a", 1, 0)), allocations(("b", 0, 10000)), allocations(("a", raw("0.0"), 1)), allocations(("ghost", 0, 1)),
                   [{"range_start": 0, "range_end": 1}], [{"variant": "a", "range_start": 0}], [{"variant": "a", "range_end": 0}], [{"variant": 5, "range_start": 0, "range_end": 1}],
                   [{"variant": None, "range_start": 0, "range_end": 1}], ["a"], [None], allocations(("a", 0, 5), ("b", 5, 9)), allocations(("a", 0, 5), ("a", 5, 9)),
                   allocations(("a", 0, 9999), ("b", 3, 3)), allocations(("a", 50, 60), ("b", 0, 9), ("a", 9, 9))):
        yield bad(allocations=broken)
        yield bad(rules=[rule(allocations=broken)])
        yield bad(rules=[rule(condition("nope", "exists"), allocations=broken)])
    # Rules.
    yield bad(rules={})
    yield bad(rules="all")
    yield bad(rules=[None])
    yield bad(rules=[[]])
    yield bad(rules=[rule()])
    yield bad(rules=[rule(variant=None)])
    yield bad(rules=[rule(variant=None, allocations=None)])
    yield bad(rules=[rule(variant="a", allocations=[])])
    yield bad(rules=[rule(variant="a", allocations=HALVES)])
    yield bad(rules=[rule(variant="ghost")])
    yield bad(rules=[rule(condition("nope", "exists"), variant="ghost")])
    yield bad(rules=[rule(variant=5)])
    yield bad(rules=[rule(variant=["a"])])
    yield bad(rules=[rule(allocations={})])
    yield bad(rules=[rule(variant="a"), rule()])
    yield bad(rules=[{"variant": "a"}])
    yield bad(rules=[{"conditions": None, "variant": "a"}])
    yield bad(rules=[{"conditions": {}, "variant": "a"}])
    yield bad(rules=[{"conditions": [None], "variant": "a"}])
    yield bad(rules=[rule(condition("x", "frobnicate", 1), variant="a")])
    yield bad(rules=[rule(variant="a"), rule(condition("x", "gt", "1"), variant="a")])
    yield bad(targeting_rules={})
    yield bad(targeting_rules="all")
    yield bad(targeting_rules=[None])
    yield bad(targeting_rules=[{}])
    yield bad(targeting_rules=[{"conditions": None}])
    yield bad(targeting_rules=[{"conditions": {}}])
    yield bad(targeting_rules=[{"conditions": ["x"]}])
    yield bad(targeting_rules=[{"conditions": [[]]}])
    yield bad(targeting_rules=[rule(), {}])
    # Conditions.
    yield bad(targeting_rules=[rule({"operator": "exists"})])
    yield bad(targeting_rules=[rule({"attribute": "x"})])
    yield bad(targeting_rules=[rule({})])
    yield bad_condition(None, "exists")
    yield bad_condition(5, "exists")
    yield bad_condition(["x"], "exists")
    yield bad_condition("x", None)
    yield bad_condition("x", 5)
    for operator in ("frobnicate", "EQ", "Eq", "not_in", "", "eq "):
        yield bad_condition("x", operator, "x")
    for operator in ("eq", "neq", "contains"):
        yield bad_condition("x", operator)
        yield bad_condition("x", operator, None)
    for operator in ("in", "notIn"):
        for value in ("x", 5, True, {}, None):
            yield bad_condition("x", operator, value)
        yield bad_condition("x", operator)
    for operator in ("gt", "gte", "lt", "lte"):
        for value in ("5", True, [5], {}, None):
            yield bad_condition("x", operator, value)
        yield bad_condition("x", operator)
    for operator in ("startsWith", "endsWith", "matches", "notMatches"):
        for value in (5, True, ["x"], {}, None):
            yield bad_condition("x", operator, value)
        yield bad_condition("x", operator)
    for i, pattern in enumerate([*sorted(reference.REFUSED_BY_RUST), "a" * 1001, "🙂" * 1001]):
        yield bad_condition("x", ("matches", "notMatches")[i % 2], pattern)
    for operator in sorted(reference.OPERATORS - reference.CASE_OPERATORS - reference.SEGMENT_OPERATORS):
        value = 1 if operator in reference.NUMBER_OPERATORS else "1.0.0" if operator.startswith("semver") else "2026-01-01"
        yield bad_condition("x", operator, value, ignore_case=True)
        yield bad_condition("x", operator, value, ignore_case=False)
    for value in (None, 0, 1, "true", [], {}):
        yield bad_condition("x", "eq", "x", ignore_case=value)
    for field in ("negate", "note", "Value", "ignoreCase", "", "values", "id"):
        yield bad_condition("x", "eq", "x", **{field: None})
    # The other optional fields.
    for value in (5, True, ["company"], {}):
        yield bad(bucket_by=value)
    for value in (0, 1, "false", [], {}):
        yield bad(sticky=value)
    for value in (5, "u", ["user-1"], True):
        yield bad(overrides=value)
    for value in (5, True, ["a"], {}):
        yield bad(overrides={"user-1": value})
        yield bad(overrides={"nobody": value})
        yield bad(winner=value)
    for value in ({}, "x", [None], ["x"], [{}], [{"experiment": "x"}], [{"variants": ["a"]}], [{"experiment": 5, "variants": []}], [{"experiment": "x", "variants": "a"}],
                  [{"experiment": "x", "variants": [5]}], [{"experiment": "x", "variants": [None]}], [{"experiment": None, "variants": []}], [{"experiment": "x", "variants": None}]):
        yield bad(prerequisites=value)
    whole = {"key": "k", "salt": "s", "ranges": ranges((0, 9999))}
    for name in whole:
        partial = {k: v for k, v in whole.items() if k != name}
        for gate in (partial, partial | {name: None}, partial | {name: 5}):
            yield bad(group=gate)
            yield bad(holdouts=[gate])
    for value in (5, "g", [], [whole], True):
        yield bad(group=value)
    for value in (5, "h", whole, True, [None], [5], [[whole]]):
        yield bad(holdouts=value)
    for value in (5, True, [], {}):
        yield bad(group=whole | {"bucket_by": value})
        yield bad(holdouts=[whole | {"bucket_by": value}])
    # Concluded without an existing winner.
    yield bad(status="CONCLUDED")
    yield bad(status="CONCLUDED", winner=None)
    yield bad(status="CONCLUDED", winner="ghost")
    yield bad(status="CONCLUDED", winner="")
    yield bad(status="CONCLUDED", winner="a", requires=["telepathy"])
    yield bad(status="CONCLUDED", winner="a", allocations=allocations(("ghost", 0, 1)))
    # Whatever the state says.
    yield bad(overrides={"user-1": "a"}, rules=[rule(condition("x", "frobnicate"), variant="a")])
    yield bad(overrides={"user-1": "a"}, variants=variants("a", "a"))

    # Near misses.
    yield fine()
    yield fine(requires=["regex"])
    yield fine(requires=["regex", "regex"])
    yield fine(requires=[])
    empty = {name: None for name in ("targeting_rules", "rules", "overrides", "prerequisites", "group", "holdouts", "winner", "bucket_by", "sticky", "requires")}
    yield fine(**empty)
    for name in empty:
        yield fine(**{name: None})
    yield fine(targeting_rules=[], rules=[], overrides={}, prerequisites=[], holdouts=[], sticky=True)
    yield fine(colour="red", traffic=5, Status="DRAFT", targetingRules=5, payload=5, features=5, segments=5)
    yield fine(variants=[{"id": "a", "key": "a", "weight": 5, "payload": None}, {"id": "b", "key": "b", "payload": [1, {"x": raw("1.0")}]}])
    yield fine(variants=[{"id": "same", "key": "a"}, {"id": "same", "key": "b"}, {"id": "", "key": "A"}])
    yield fine(id="", salt="")
    yield fine(allocations=[])
    yield fine(allocations=allocations(("b", 5000, 9999), ("a", 0, 4999)))
    yield fine(allocations=allocations(("a", 0, 0), ("a", 1, 1), ("b", 2, 9999)))
    yield fine(allocations=[a | {"weight": 1, "note": None} for a in HALVES])
    yield fine(group=whole | {"note": 5, "bucket_by": None, "ranges": [r | {"note": 1} for r in whole["ranges"]]})
    yield fine(group=whole | {"ranges": ranges((0, 9999), (5, 7), (0, 9999))}, holdouts=[])
    yield fine(holdouts=[whole | {"ranges": [], "note": 5, "bucket_by": None}])
    yield fine(holdouts=[whole | {"ranges": ranges((0, 5), (3, 9))}])
    yield fine(winner="ghost")
    yield fine(winner="a")
    yield fine(overrides={"user-1": "ghost", "": "a"})
    yield fine(prerequisites=[{"experiment": "fine-001", "variants": ["a", "b", "ghost"], "note": 5}])
    yield fine(rules=[rule(variant="a", allocations=None)])
    yield fine(rules=[rule(variant=None, allocations=HALVES)])
    yield fine(rules=[rule(allocations=[])])
    yield fine(rules=[rule(variant="b", note=5, name="x", id=None)])
    yield fine(targeting_rules=[rule(note=5)])
    yield fine(rules=[rule(allocations=allocations(("a", 0, 9999))), rule(allocations=allocations(("b", 0, 9999)))])
    yield fine(status="CONCLUDED", winner="a")
    yield fine(status="CONCLUDED", winner="b", allocations=[])
    for value in (None, 5, "x", [], {}, True):
        yield fine_condition("x", "exists", value)
        yield fine_condition("x", "notExists", value)
    yield fine_condition("x", "exists")
    yield fine_condition("", "notExists")
    for value in (False, 0, "", [], {}, [None], {"k": None}):
        for operator in ("eq", "neq", "contains"):
            yield fine_condition("x", operator, value)
    yield fine_condition("x", "in", [])
    yield fine_condition("x", "notIn", [None, 1, {}])
    for operator in sorted(reference.CASE_OPERATORS):
        yield fine_condition("x", operator, ["x"] if operator in reference.LIST_OPERATORS else "x", ignore_case=False)
    yield fine_condition("x", "eq", 5, ignore_case=True)
    yield fine_condition("x", "contains", [None], ignore_case=True)
    yield fine_condition("x", "gt", raw("-0.0"))
    for pattern in ("", "🙂" * 1000, "a|", "()", "a{0}", "(?i)x"):
        yield fine_condition("x", "matches", pattern)
    yield fine(targeting_rules=[rule({"value": "x", "operator": "neq", "attribute": "x"})])


@file("lenient")
def lenient():
    made = list(lenient_experiments())
    sticky = {e["key"]: "b" for e, _ in made[::3]}
    cases = [case("one", context={"x": "x", "company": "acme"}, sticky=sticky)]
    made.sort(key=lambda pair: pair[0]["key"])
    text = golden("lenient", [e for e, _ in made], cases)
    for number in range(len(cases)):
        found = reasons(text, number)
        for e, fine in made:
            assert (found[e["key"]] != "UNSUPPORTED") == fine, e
    return text


@file("refused-more")
def refused_more():
    tiny = experiment("a", variants=[], allocations=[])
    whole = document([tiny])
    cases = []

    def add(name, accepted, text):
        text = text if isinstance(text, str) else compact(text)
        assert reference.accepts_document(text) == accepted, name
        cases.append({"id": name, "document": text, "accepted": accepted})

    def changed(name, accepted, **fields):
        add(name, accepted, whole | fields)

    add("whole", True, whole)
    add("reversed fields", True, dict(reversed(whole.items())))
    for name in ("schema_version", "environment", "version", "published_at", "experiments"):
        add(f"{name} absent", False, {k: v for k, v in whole.items() if k != name})
        for wrong in (None, True, [], {}, "" if name in ("schema_version", "version", "experiments") else 5):
            if not (name == "experiments" and wrong == []):
                changed(f"{name} {compact(wrong)}", False, **{name: wrong})
    for wrong in (0, 2, -1, 10, "1", raw("1.5"), raw("4294967297")):
        changed(f"schema_version {compact(wrong)}", False, schema_version=wrong)
    changed("version fraction", False, version=1.5)
    changed("version text", False, version="7")
    changed("no experiments", True, experiments=[])
    changed("experiments with extras", True, experiments=[tiny | {"colour": "red"}])
    for number, wrong in enumerate((None, 5, "a", [], [tiny], True, {}, {"key": None}, {"key": 5}, {"key": ["a"]}, {"id": "a"}, {"Key": "a"})):
        changed(f"experiment wrong {number}", False, experiments=[tiny, wrong])
        changed(f"experiment wrong first {number}", False, experiments=[wrong, tiny])
    changed("only a key", True, experiments=[{"key": "a"}])
    changed("only keys", True, experiments=[{"key": "a"}, {"key": "b"}])
    changed("repeated key", False, experiments=[tiny, tiny])
    changed("repeated key, both broken", False, experiments=[{"key": "a"}, {"key": "a"}])
    changed("repeated key, apart", False, experiments=[{"key": "a"}, {"key": "b"}, {"key": "c"}, {"key": "a", "status": "RUNNING"}])
    changed("key differs in case", True, experiments=[{"key": "A"}, {"key": "a"}])
    for wrong in ("regex", 5, {}, True, ["telepathy"], ["regex", "telepathy"], ["REGEX"], [""], [None], [5], [["regex"]]):
        changed(f"requires {compact(wrong)}", False, requires=wrong)
    for right in ([], ["regex"], ["regex", "regex"]):
        changed(f"requires {compact(right)}", True, requires=right)
    changed("features", True, features=["telepathy"])
    changed("broken segments", True, segments={"a": 5, "b": [{"conditions": 5}]})
    changed("segments of a wrong type", True, segments=5)
    changed("unknown fields", True, colour={"red": [1, None]}, requirements=["telepathy"])
    changed("experiment requires something", True, experiments=[tiny | {"requires": ["telepathy"]}])
    text = compact(whole)
    for name, wrapped in {"white space around": f" \t\r\n{text}\n ", "white space inside": json.dumps(whole, indent=2)}.items():
        add(name, True, wrapped)
    for name, broken in {
        "empty": "", "white space only": " \n", "null": "null", "true": "true", "number": "1", "string": '"x"', "array": f"[{text}]", "empty object": "{}",
        "byte order mark": "\ufeff" + text, "no-break space": "\u00a0" + text, "garbage after": text + "x", "two documents": text + text, "comma after": text + ",",
        "trailing comma": text[:-1] + ",}", "trailing comma in array": text[:-2] + ",]}", "comment": "/**/" + text, "line comment": text + "\n//", "single quotes": text.replace('"', "'"),
        "unquoted key": text.replace('"version"', "version"), "NaN": text.replace("7", "NaN"), "leading zero": text.replace(":7", ":07"), "plus": text.replace(":7", ":+7"),
        "bare point": text.replace(":7", ":7."), "hexadecimal": text.replace(":7", ":0x7"), "bad escape": text.replace('"prod"', '"pr\\od"'), "short escape": text.replace('"prod"', '"\\u12"'),
        "raw newline in a string": text.replace('"prod"', '"pr\nod"'), "raw nul in a string": text.replace('"prod"', '"pr\0od"'), "nul after": text + "\0", "form feed": "\f" + text,
        "True": text.replace(":7", ":True"), "missing colon": text.replace(":7", " 7"), "missing comma": text.replace(',"version"', '"version"'),
    }.items():
        add(name, False, broken)
    for cut in (1, len(text) // 3, len(text) // 2, len(text) - 1):
        add(f"cut at {cut}", False, text[:cut])
    return compact({"cases": cases})


@file("subjects")
def subjects():
    cases = []

    def add(name, accepted, user_key="user-1", context=None):
        entry = {"id": name, "user_key": user_key} | ({} if context is None else {"context": context})
        assert reference.accepts_subject(entry) == accepted, name
        cases.append(entry | {"accepted": accepted})

    def text(name, accepted, context):
        add(name, accepted, context=context)

    add("plain", True)
    add("empty key", False, "")
    for name, key in {"one byte": "a", "511 bytes": "a" * 511, "512 bytes": "a" * 512, "512 in two-byte characters": "é" * 256, "512 in four-byte characters": "🙂" * 128,
                      "512 mixed": "日" * 170 + "ab", "nul": "\0", "512 nul": "\0" * 512, "space": " ", "newline": "\n", "byte order mark": "\ufeff", "noncharacter": "\uffff"}.items():
        add(f"key of {name}", True, key)
    for name, key in {"513 bytes": "a" * 513, "257 two-byte characters": "é" * 257, "511 and a two-byte character": "a" * 511 + "é", "171 three-byte characters": "日" * 171,
                      "128 four-byte characters and one": "🙂" * 128 + "a", "1,000 bytes": "a" * 1000}.items():
        add(f"key of {name}", False, key)
    add("empty key, context given", False, "", "{}")
    for context in ("{}", ' \t\r\n{ "a" : 1 } \n', '{"":null}', '{"a":{"b":[1,"x",null,true,{}]}}', '{"a":"\\u0000"}', '{"\\u0000":1}', '{"a":"\\ud83d\\ude42"}', '{"a":"\\uD83D\\uDE42"}',
                    '{"\\ud83d\\ude42":1}', '{"a":"\\/\\b\\f\\n\\r\\t\\"\\\\"}', '{"a":"\\ufffe\\uffff"}', '{"a":"\u007f\u0080\u2028"}', '{"user_key":5}', '{"a":{"k":1},"b":{"k":1}}', '{"A":1,"a":2}',
                    '{"é":1,"e\u0301":2}', '{"a":[{"k":1},{"k":1}]}', '{"a":"[[[{{{"}'):
        text(f"fine {len(cases)}", True, context)
    for context in ("", " ", "null", "true", "5", '"x"', "[]", "[{}]", "{", "}", "{}{}", "{} x", "{},", "\ufeff{}", "{a:1}", "{'a':1}", '{"a":1,}', '{"a"}', '{"a":}', '{"a":1 "b":2}', '{,}', '{"a":[1,]}', '{"a":[1 2]}', "/**/{}",
                    "{}//", '{"a":undefined}', '{"a":"x\ny"}', '{"a":"\t"}', '{"a":"\0"}', '{"a":"\\x41"}', '{"a":"\\u12"}', '{"a":"\\u12G4"}', '{"a":"\\"}', '{"a":"x}', "\u00a0{}", "\f{}", '{"a":True}', '{"a":nul}', '{5:1}'):
        text(f"not JSON or no object {len(cases)}", False, context)
    for context in ('{"a":1,"a":1}', '{"a":1,"b":2,"a":3}', '{"a":{"b":1,"b":2}}', '{"a":[{"b":1,"b":1}]}', '{"a":1,"\\u0061":2}', '{"":1,"":2}', '{"a":null,"a":null}', '{"\\ud83d\\ude42":1,"🙂":2}', '{"a\\/":1,"a/":2}', '{"user_key":1,"user_key":1}'):
        text(f"duplicate key {len(cases)}", False, context)
    for context in ('{"a":"\\ud83d"}', '{"a":"\\ude42"}', '{"a":"\\ude42\\ud83d"}', '{"a":"\\ud83dx"}', '{"a":"\\ud83d\\ud83d\\ude42"}', '{"a":"\\ud83d\\u0041"}', '{"\\ud800":1}', '{"a":["\\udfff"]}', '{"a":{"\\udc00":1}}', '{"a":"\\ud83d\\n"}'):
        text(f"lone surrogate {len(cases)}", False, context)
    for number in ("0", "-0", "-0.0", "0e999", "0.0e999999999999", "-0E+999", "1e308", "1E308", "1.7976931348623157e308", "1.7976931348623158e308", "1.797693134862315807e308", "-1.7976931348623158e308",
                   "1e-400", "-1e-400", "1e-99999999999", "5e-324", "1" + "0" * 308, "1" + "0" * 308 + ".5", "1" + "0" * 400 + "e-400", "0." + "0" * 400 + "1e400", "9" * 300, "123456789012345678901234567890",
                   "0.1e309", "100e306", "9007199254740993", "1e+5"):
        text(f"number {len(cases)}", True, f'{{"a":{number}}}')
    for number in ("1e309", "-1e309", "1e999", "1e99999999999", "-1e99999999999", "1.797693134862315808e308", "1.7976931348623159e308", "-1.797693134862316e308", "2e308", "1" + "0" * 309, "-1" + "0" * 309, "9" * 309, "10e308", "0.1e310", "1" + "0" * 400 + "e-90", "0." + "0" * 10 + "1e320"):
        text(f"overflow {len(cases)}", False, f'{{"a":{number}}}')
        text(f"overflow nested {len(cases)}", False, f'{{"a":{{"b":[0,{number}]}}}}')
    for number in ("01", "-01", "+1", ".5", "1.", "1.e5", "1e", "1e+", "-", "--1", "0x10", "1_000", "NaN", "Infinity", "-Infinity", "1.5.5", "1e5.5", "１"):
        text(f"no number {number}", False, f'{{"a":{number}}}')
    # The context object itself is level 1.
    for levels, accepted in ((63, True), (64, True), (65, False), (66, False), (100, False), (127, False), (128, False), (129, False)):
        for name, opening, closing in (("arrays", "[", "]"), ("objects", '{"a":', "}")):
            depth = levels - 1
            innermost = "[]" if name == "arrays" else "{}"
            text(f"{levels} levels of {name}", accepted, '{"a":' + opening * (depth - 1) + innermost + closing * (depth - 1) + "}")
    text("64 levels around a value", True, '{"a":' * 64 + "1" + "}" * 64)
    text("65 levels around a value", False, '{"a":' * 65 + "1" + "}" * 65)
    text("64 levels mixed", True, '{"a":' + '[{"a":' * 31 + "[1]" + "}]" * 31 + "}")
    text("65 levels mixed", False, '{"a":' + '[{"a":' * 31 + "[[1]]" + "}]" * 31 + "}")
    text("64 levels twice", True, '{"a":' + "[" * 63 + "]" * 63 + ',"b":' + "[" * 63 + "]" * 63 + "}")
    text("65 levels in the second", False, '{"a":1,"b":[1,' + "[" * 63 + "]" * 63 + "]}")
    text("wide and flat", True, '{"a":[' + ",".join(["[]"] * 100) + "]}")
    names = [c["id"] for c in cases]
    assert len(set(names)) == len(names)
    return compact({"cases": cases})


def main(folder):
    for name, make in FILES.items():
        text = make()
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
        print(f"{name}.json: {len(text.encode())} bytes, {len(json.loads(text)['cases'])} cases")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent)
