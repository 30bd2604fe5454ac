#!/usr/bin/env python3
"""Writes a random golden file, for comparing an implementation with the reference.

    python3 tests/vectors/fuzz.py --seed S --count N [--experiments N] [--ambiguous] [--out FILE]

The same arguments give the same file. Documents mix sound and broken parts, subjects are
chosen to come close to what the documents ask for. `--ambiguous` adds what the specification
leaves open (see README.md); a difference there is a question, not yet a fault.
"""

import argparse
import json
import random
import sys

sys.dont_write_bytecode = True

import reference
from documents import allocations, case, condition, experiment, golden, ranges, raw

USERS = ["user-1", "user-2", "qa:alice", "a", "ab", "abc", "abcd", "abcde", "é", "e\u0301", "日本語", "🙂🙃", "\0", "user-1\0b", " ", "0", "null",
         "x" * 512, "é" * 256, "user_key", "__proto__", "\U0010ffff"]
NAMES = ["x", "y", "a", "a.b", "a.b.c", "a..c", ".", "", "tags", "n", "s", "t", "v", "user_key", "user_key.x", "__proto__", "a.0", "é", "nope", "org.id"]
STRINGS = ["", "a", "A", "ab", "AB", "abc", "aBc", "b", "é", "É", "e\u0301", "ß", "ẞ", "SS", "ſ", "K", "k", "ΟΔΟΣ", "οδος", "οδοσ", "ς", "Σ", "ǅ",
           "ǆ", "🙂", "🙂a", "\0", "a\0", "1", "1.0", "true", "null", " a", "a ", "a\n", "user-1", "user-2", "日本", "\ufb01", "aaa", "abab", "٣", "constructor"]
NUMBERS = [0, raw("-0.0"), raw("-0"), 1, raw("1.0"), raw("1e0"), -1, 2, 0.5, 1.5, 2**53 - 1, 2**53, 2**53 + 1, raw("9007199254740993.0"), 2**63, 2**64 - 1, 2**64,
           raw("1e21"), raw("1e308"), raw("-1e308"), raw("5e-324"), raw("1e-400"), 0.1, raw("0.10000000000000001"), raw("123456789012345678901234567890"), 42,
           1767323045123, raw("1767323045123.4567"), -62135596800000, raw("8.64e15"), 8640000000000001, raw("-1e-7")]
PATTERNS = ["", "a", "^a", "a$", "^$", "^[a-c]+$", "^.$", r"\d", "[^a]", "(?i)^ab", "^(?:a|b)*$", "b|c$", "a.c", r"\s$", "é", "^🙂", "a{2,3}", "^(ab)+$", r"^\d+\.\d+$"]
JUNK = [None, True, False, 0, 1, -1, 5, raw("5.0"), raw("1e3"), "", "a", "x" * 40, [], [None], ["a"], [[]], {}, {"key": "a"}, {"conditions": []}, 10000, raw("4294967296")]
VARIANTS = ["a", "b", "c", "on", "A", "é"]


class Fuzzer:
    def __init__(self, seed, ambiguous):
        self.r = random.Random(seed)
        self.ambiguous = ambiguous
        self.pool = []  # conditions that come again, as in life
        self.untouchable = set()  # experiments whose siblings would have to guess

    def chance(self, p):
        return self.r.random() < p

    def pick(self, items):
        return self.r.choice(items)

    # Values

    def date(self):
        r = self.r
        if self.chance(0.15):
            return self.pick(["yesterday", "2026-02-29", "2024-02-29", "0000-01-01", "0001-01-01", "9999-12-31T23:59:59.999999999-23:59", "2026-01-02T24:00:00Z",
                              "2026-01-02T03:04:60Z", "2026-01-02t03:04:05Z", "2026-01-02T03:04:05z", "2026-01-02 03:04:05Z", "2026-01-02T03:04:05+24:00",
                              "2026-01-02T03:04:05", "2026-1-2", "10000-01-01", "2026-01-02T03:04:05.Z", ""])
        year = self.pick([2026] * 6 + [1, 1969, 1970, 1900, 2000, 9999])
        text = f"{year:04}-{self.pick([1] * 6 + [2, 12, 13]):02}-{self.pick([1, 2, 2, 3, 29, 31]):02}"
        if self.chance(0.25):
            return text
        text += f"T{self.pick([0, 3, 3, 4, 23]):02}:{self.pick([4, 4, 0, 59]):02}:{self.pick([5, 5, 0, 59]):02}"
        if self.chance(0.6):
            text += "." + self.pick(["123456789", "123456788", "12345679", "123", "1234567891", "0", "000000000", "999999999", "9999999999", "5" * r.randint(1, 30)])
        return text + self.pick(["Z", "Z", "Z", "+00:00", "-00:00", "+01:00", "-01:00", "+23:59", "-23:59", "+05:45"])

    def version(self):
        r = self.r
        if self.chance(0.15):
            return self.pick(["1", "1.0", "v1.0.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0+", "18446744073709551616.0.0", "1.0.0-18446744073709551616", "", "1.0.0 ", "1.0.0-a..b"])
        text = ".".join(str(self.pick([0, 1, 1, 2, 9, 10, 2**64 - 1])) for _ in range(3))
        if self.chance(0.6):
            text += "-" + ".".join(self.pick(["0", "1", "2", "10", "11", "alpha", "beta", "rc", "RC", "a-b", "-", "0a", "18446744073709551615"]) for _ in range(r.randint(1, 3)))
        return text + (self.pick(["+b", "+001", "+a.b"]) if self.chance(0.25) else "")

    def value(self, depth=0):
        kind = self.r.random()
        if kind < 0.40:
            return self.pick(STRINGS)
        if kind < 0.65:
            return self.pick(NUMBERS)
        if kind < 0.73:
            return self.pick([True, False, None])
        if kind < 0.80:
            return self.date() if self.chance(0.5) else self.version()
        if depth > 3:
            return []
        if kind < 0.92:
            return [self.value(depth + 1) for _ in range(self.r.randint(0, 3))]
        return {self.pick(["k", "K", "a", "b", "c", "", "0", "x", "__proto__"]): self.value(depth + 1) for _ in range(self.r.randint(0, 3))}

    def solid(self):
        while (value := self.value()) is None:
            pass
        return value

    # Parts of a document

    def condition(self, segments):
        if self.pool and self.chance(0.5):
            return self.vary(self.pick(self.pool))
        operator = self.pick(sorted(reference.OPERATORS))
        if operator in reference.SEGMENT_OPERATORS:
            made = {"operator": operator, "value": self.pick(segments)}
            if self.chance(0.7):
                made = {"attribute": self.pick(["", "x", None])} | made
            return made
        name = self.pick(NAMES)
        if operator in reference.VALUE_OPERATORS:
            value = self.solid()
        elif operator in reference.LIST_OPERATORS:
            value = [self.value() for _ in range(self.r.randint(0, 5))]
        elif operator in reference.NUMBER_OPERATORS:
            name, value = self.pick(["n", "x"]), self.pick(NUMBERS)
        elif operator in reference.BARE_OPERATORS:
            value = self.value()
        elif operator in ("matches", "notMatches"):
            name, value = self.pick(["s", "x", "user_key"]), self.pick(PATTERNS)
        elif operator in ("before", "after"):
            name = self.pick(["t", "x"])
            while reference.instant(value := self.date()) is None:
                pass
        elif operator.startswith("semver"):
            name = self.pick(["v", "x"])
            while reference.version(value := self.version()) is None:
                pass
        else:
            value = self.pick(STRINGS)
        made = condition(name, operator, value)
        if operator in reference.CASE_OPERATORS and self.chance(0.4):
            made["ignore_case"] = self.chance(0.8)
        self.pool.append(made)
        return dict(made)

    def vary(self, made):
        """The same condition but for one thing, or the very same."""
        made = dict(made)
        families = [["eq", "neq", "contains"], ["in", "notIn"], ["startsWith", "endsWith"], ["gt", "gte", "lt", "lte"], ["before", "after"],
                    ["semverEq", "semverGt", "semverGte", "semverLt", "semverLte"], ["matches", "notMatches"], ["exists", "notExists"], ["inSegment", "notInSegment"]]
        if self.chance(0.3):
            made["operator"] = self.pick(next(f for f in families if made["operator"] in f))
        if self.chance(0.2) and made["operator"] in reference.CASE_OPERATORS:
            made["ignore_case"] = not made.get("ignore_case", False)
        if self.chance(0.1) and made["operator"] not in reference.SEGMENT_OPERATORS:
            made["attribute"] = self.pick(NAMES)
        return made

    def rule(self, segments, **more):
        return {"conditions": [self.condition(segments) for _ in range(self.pick([0, 1, 1, 1, 2, 2, 3]))], **more}

    def pieces(self, keys):
        """Allocations that do not overlap."""
        edges = sorted(self.r.sample(range(10001), 2 * self.r.randint(1, 4)))
        if self.chance(0.4):
            edges = [0, *edges[1:-1], 10000]
        if self.chance(0.15):
            edges = [0, 10000]
        pairs = [(a, b - 1) for a, b in zip(edges[::2], edges[1::2])]
        if self.chance(0.2):
            self.r.shuffle(pairs)
        return allocations(*((self.pick(keys), a, b) for a, b in pairs))

    def windows(self):
        return ranges(*self.pick([[(0, 9999)], [(0, 9999)], [], [(0, 4999)], [(5000, 9999)], [(2000, 3000), (2500, 8000)], [(0, 0), (9999, 9999)]]))

    def gate(self, name):
        made = {"key": name, "salt": self.pick([name, "shared", ""]), "ranges": self.windows()}
        if self.chance(0.3):
            made["bucket_by"] = self.pick(["user_key", "org.id", "x", "nope", None])
        return made

    def experiment(self, key, keys, segments):
        own = self.r.sample(VARIANTS, self.r.randint(1, 4))
        fields = {"variants": [{"id": f"{key}:{v}", "key": v, "payload": self.value()} for v in own], "allocations": self.pieces(own),
                  "salt": self.pick([key, key, key, "", "shared", "é🙂", "s" * 37]), "hash": self.pick(["murmur3", "murmur3", "fnv1a64"])}
        if self.chance(0.12):
            fields |= {"status": "CONCLUDED", "winner": self.pick(own)}
        elif self.chance(0.1):
            fields["winner"] = self.pick([None, "ghost", own[0]])
        if self.chance(0.25):
            fields["bucket_by"] = self.pick(["x", "n", "org.id", "user_key", "a.b", "nope", "tags", None])
        if self.chance(0.3):
            fields["sticky"] = self.pick([True, False, None])
        if self.chance(0.55):
            fields["targeting_rules"] = [self.rule(segments) for _ in range(self.r.randint(0, 3))]
        if self.chance(0.4):
            fields["rules"] = [self.rule(segments, **({"variant": self.pick(own)} if self.chance(0.5) else {"allocations": self.pieces(own) if self.chance(0.9) else []}))
                               for _ in range(self.r.randint(0, 3))]
        if self.chance(0.3):
            fields["overrides"] = {self.pick(USERS[:5] * 4 + USERS): self.pick([*own, "gone"]) for _ in range(self.r.randint(0, 4))}
        if self.chance(0.35):
            fields["prerequisites"] = [{"experiment": self.pick([*keys, key, "absent"]), "variants": self.r.sample(VARIANTS, self.r.randint(1, 6))}
                                       for _ in range(self.r.randint(0, 2))]
        if self.chance(0.4):
            fields["group"] = self.gate(self.pick(["g1", "g2", "g3"])) if self.chance(0.95) else None
        if self.chance(0.25):
            fields["holdouts"] = [self.gate(self.pick(["h1", "h2"])) for _ in range(self.r.randint(0, 2))]
        if self.chance(0.2):
            fields["requires"] = self.pick([["regex"], ["regex"], [], None, ["regex", "regex"]])
        return experiment(key, **fields)

    # Breaking things

    def paths(self, node, path=()):
        for name in list(node) if isinstance(node, dict) else range(len(node)):
            yield (*path, name)
            if isinstance(node[name], (dict, list)) and name not in ("payload",):
                yield from self.paths(node[name], (*path, name))

    def damage(self, made):
        """Breaks, or nearly breaks, one place of an experiment or a segment."""
        before = json.dumps(made)
        for _ in range(20):
            made = json.loads(before)
            options = [p for p in self.paths(made) if p != ("key",)]
            if not options:
                return made
            path = self.pick(options)
            holder = made
            for name in path[:-1]:
                holder = holder[name]
            action = self.pick(["replace", "replace", "remove", "add", "duplicate", "nudge"])
            if not self.ambiguous and self.unclear(path, holder, action):
                continue
            name = path[-1]
            if path[0] in ("variants", "group", "status"):
                self.untouchable.add(made.get("key") if isinstance(made, dict) else None)
            if action == "replace":
                holder[name] = self.pick(JUNK)
            elif action == "remove":
                del holder[name]
            elif action == "add" and isinstance(holder, dict):
                holder[self.pick(["note", "negate", "ignore_case", "value", "Variant", "winner", "bucket_by", "requires", "variant", "allocations", "salt"])] = self.pick(JUNK)
            elif action == "duplicate" and isinstance(holder, list):
                holder.append(holder[name])
            elif action == "nudge":
                if reference.is_integer(holder[name]):
                    holder[name] += self.pick([-1, 1, 10000])
                elif isinstance(holder[name], str) and "\u27ea" not in holder[name]:
                    holder[name] = self.pick([holder[name].upper(), holder[name] + " ", holder[name][:-1]])
                else:
                    continue
            else:
                continue
            if self.readable(made):
                return made
        return json.loads(before)

    @staticmethod
    def unclear(path, holder, action):
        """Places where the specification does not say what a reader does."""
        if "overrides" in path[:-1] or "prerequisites" in path[:-1]:
            return True  # null for a variant; entries without their fields
        if path[-1] == "attribute" and holder.get("operator") in reference.SEGMENT_OPERATORS:
            return True  # ignored, or of a wrong type?
        return action == "add" and "conditions" in holder and path[0] != "rules"  # `variant` where none belongs

    def readable(self, made):
        """False where an expression would leave the dialect that both sides share."""
        try:
            for node in self.nodes(made):
                if node.get("operator") in ("matches", "notMatches") and isinstance(node.get("value"), str):
                    reference.expression(node["value"])
            return True
        except NotImplementedError:
            return False

    def nodes(self, node):
        if isinstance(node, dict):
            yield node
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from self.nodes(child)

    # Subjects

    def context(self):
        made = {}
        for name in NAMES:
            if "." in name and self.chance(0.85) or self.chance(0.35):
                continue
            if self.pool and self.chance(0.5):
                wanted = self.pick(self.pool)
                for other in self.r.sample(self.pool, min(12, len(self.pool))):
                    if other["attribute"] == name:
                        wanted = other
                value = wanted.get("value")
                if isinstance(value, list) and value and self.chance(0.7):
                    value = self.pick(value)
                elif isinstance(value, str) and "\u27ea" not in value and self.chance(0.3):
                    value = self.pick([value.upper(), value.lower(), value + "a", "a" + value, value.swapcase(), [value]])
                made[name] = value
            elif name == "t":
                made[name] = self.date() if self.chance(0.8) else self.pick(NUMBERS)
            elif name == "v":
                made[name] = self.version()
            elif name == "a":
                made[name] = self.pick([{"b": {"c": 1}}, {"b": self.value()}, {"": {"c": self.value()}}, {"b.c": 1}, [self.value()], {"0": 1}, self.value()])
            else:
                made[name] = self.value()
        if self.chance(0.5):
            made["org"] = self.pick([{"id": self.pick(["acme", 5, raw("5.0"), "", "c" * 512, "c" * 513, True, None, 2**53, raw("-0.0"), "é" * 257])}, {}, ["acme"], "acme"])
        return {name: self.plain(value) for name, value in made.items()}

    def plain(self, value):
        """İ and ı fold differently in the two expression engines."""
        if isinstance(value, str):
            return value.replace("İ", "I").replace("ı", "i")
        if isinstance(value, list):
            return [self.plain(v) for v in value]
        return {k: self.plain(v) for k, v in value.items()} if isinstance(value, dict) else value

    def file(self, name, count, experiments):
        r = self.r
        segments = [f"s{i}" for i in range(6)] + ["", "é"]
        asked = segments * 6 + ["missing", "bad"]
        table = {s: [self.rule(segments[:i] * 8 + asked if self.chance(0.9) else asked) for _ in range(self.pick([0, 1, 1, 2]))] if self.chance(0.95) else self.pick([[], [{"conditions": []}]])
                 for i, s in enumerate(segments)}
        for i, s in enumerate(segments):  # mostly no cycles
            for node in self.nodes(table[s]):
                if node.get("operator") in reference.SEGMENT_OPERATORS and not self.chance(0.08):
                    if i == 0:
                        node.clear()
                        node.update(condition("x", "exists"))
                    else:
                        node["value"] = segments[r.randrange(i)]
        table["bad"] = self.damage([{"conditions": [condition("x", "exists"), condition("n", "gt", 5)]}])
        for s in segments:
            if self.chance(0.04):
                table[s] = self.damage(table[s]) if table[s] else table[s]
        keys = sorted({f"e{i:03}" if self.chance(0.8) else f"E.{r.randrange(10**6)}-{i}_" for i in range(experiments)})
        made = [self.experiment(k, keys, segments * 20 + ["missing", "bad"]) for k in keys]
        if self.chance(0.1):  # one long ring of prerequisites
            for e, after in zip(made, [*made[1:], made[0]]):
                e["prerequisites"] = [{"experiment": after["key"], "variants": VARIANTS}]
        variants_of = {e["key"]: e["variants"] for e in made}
        for i, e in enumerate(made):
            for _ in range(self.pick([0, 0, 0, 0, 0, 1, 1, 2])):
                e = made[i] = self.damage(e)
        if self.ambiguous:
            r.shuffle(made)
        cases = []
        for i in range(count):
            user = self.pick(USERS[:5] * 2 + USERS) if self.chance(0.6) else f"u{r.randrange(10**6)}"
            sticky = None
            if self.chance(0.5):
                sticky = {}
                for key in r.sample(keys, min(len(keys), r.randint(0, 5))):
                    if self.ambiguous or key not in self.untouchable:
                        own = [v["key"] for v in variants_of[key]]
                        sticky[key] = self.pick([*own * 3, *VARIANTS, "gone"])
                if self.chance(0.2):
                    sticky["absent"] = "a"
            cases.append(case(f"{name}-{i}", user, self.context(), sticky))
        top = {"segments": table}
        if self.chance(0.2):
            top |= {"features": ["regex"], "requires": ["regex"]}
        if self.chance(0.2):
            top["colour"] = self.value()
        if self.chance(0.02):
            top["segments"] = self.pick([None, [], 5, "x", True])
        return golden(name, made, cases, **top)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--count", type=int, default=50, help="cases")
    options.add_argument("--experiments", type=int, default=30)
    options.add_argument("--ambiguous", action="store_true")
    options.add_argument("--out")
    chosen = options.parse_args()
    text = Fuzzer(chosen.seed, chosen.ambiguous).file(f"fuzz-{chosen.seed}", chosen.count, chosen.experiments)
    if chosen.out:
        with open(chosen.out, "w", encoding="utf-8") as out:
            out.write(text)
    else:
        sys.stdout.buffer.write(text.encode())


if __name__ == "__main__":
    main()
