#!/usr/bin/env python3
"""A second, slow and simple reading of the decision semantics.

It shares no code with the product and is meant to be compared with the text of the
specification line by line. Python 3.11, standard library only.

    python3 tests/vectors/reference.py FILE|FOLDER ...

prints every failing case with what was expected and what came, then
`N passed, N failed`; the exit code is 1 when anything failed.
"""

import functools
import json
import math
import pathlib
import re
import sys
from datetime import date
from fractions import Fraction

sys.setrecursionlimit(20_000)  # prerequisite chains may be of any length


# ---------------------------------------------------------------- JSON

class Invalid(ValueError):
    """A text that is no acceptable JSON, a subject or a document that is refused."""


def _no_constant(name):
    raise Invalid(f"{name} is not JSON")


def _integer(text):
    return int(text) if len(text) < 400 else float(text)


def parse(text):
    """JSON as it stands; a number is an int exactly when it is written as an integer."""
    try:
        return json.loads(text, parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise Invalid(str(error)) from None


def _no_duplicates(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Invalid("duplicate key")
    return result


def parse_context(text):
    """The strict reading for what a caller brings."""
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=_integer,
                           object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise Invalid(str(error)) from None
    if not isinstance(value, dict):
        raise Invalid("not an object")
    check_value(value, 0)
    return value


def check_value(value, above):
    if isinstance(value, str):
        if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            raise Invalid("lone surrogate")
    elif is_number(value):
        try:
            finite = math.isfinite(float(value))
        except OverflowError:
            finite = False
        if not finite:
            raise Invalid("number overflows")
    elif isinstance(value, (dict, list)):
        if above + 1 > 64:
            raise Invalid("deeper than 64 levels")
        for key in value if isinstance(value, dict) else ():
            check_value(key, 0)
        for item in value.values() if isinstance(value, dict) else value:
            check_value(item, above + 1)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def equal(a, b):
    if is_number(a) and is_number(b):
        return float(a) == float(b)
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[k], b[k]) for k in a)
    return a == b


def lower(value):
    """Code point by code point; strings in arrays and object values, never keys."""
    if isinstance(value, str):
        return "".join(c.lower() for c in value)
    if isinstance(value, list):
        return [lower(item) for item in value]
    if isinstance(value, dict):
        return {key: lower(item) for key, item in value.items()}
    return value


# ---------------------------------------------------------------- bucketing

def murmur3_x86_32(data, seed=0):
    mask = 0xFFFFFFFF

    def rotl(x, r):
        return (x << r | x >> (32 - r)) & mask

    def scramble(k):
        return rotl(k * 0xCC9E2D51 & mask, 15) * 0x1B873593 & mask

    h = seed
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        h ^= scramble(int.from_bytes(data[i:i + 4], "little"))
        h = (rotl(h, 13) * 5 + 0xE6546B64) & mask
    if len(data) > whole:
        h ^= scramble(int.from_bytes(data[whole:], "little"))
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & mask
    h = (h ^ h >> 13) * 0xC2B2AE35 & mask
    return h ^ h >> 16


def fnv1a_64(data):
    h = 14695981039346656037
    for byte in data:
        h = (h ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return h


def bucket(algorithm, salt, key):
    if algorithm == "murmur3":
        return murmur3_x86_32(key.encode() + salt.encode()) % 10000
    if algorithm == "fnv1a64":
        return fnv1a_64(salt.encode() + b":" + key.encode()) % 10000
    raise Invalid("unknown hash")


def ceil_div(a, b):
    return -(-a // b)


def weights_to_ranges(weights, traffic_share=10000):
    total = sum(weights)
    ranges, before = [], 0
    for weight in weights:
        start = ceil_div(before * 10000, total)
        before += weight
        length = ceil_div(before * 10000, total) - start
        kept = ceil_div(traffic_share * length, 10000)
        ranges.append([start, start + kept - 1] if kept else None)
    return ranges


# ---------------------------------------------------------------- operands

DATE = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
DAY_ONLY = re.compile(DATE)
DATE_TIME = re.compile(DATE + "T" + TIME + r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))")


def instant(value):
    """Nanoseconds since the Unix epoch, or None."""
    if is_number(value):
        if abs(float(value)) > 8.64e15:
            return None
        return math.floor(Fraction(float(value)) * 1_000_000)
    if not isinstance(value, str):
        return None
    found = DAY_ONLY.fullmatch(value) or DATE_TIME.fullmatch(value)
    if not found:
        return None
    year, month, day, *rest = found.groups()
    try:
        seconds = (date(int(year), int(month), int(day)) - date(1970, 1, 1)).days * 86400
    except ValueError:
        return None
    nanos = 0
    if rest:
        hour, minute, second, fraction, sign, off_hour, off_minute = rest
        if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
            return None
        seconds += int(hour) * 3600 + int(minute) * 60 + int(second)
        if sign:
            if int(off_hour) > 23 or int(off_minute) > 59:
                return None
            offset = int(off_hour) * 3600 + int(off_minute) * 60
            seconds += offset if sign == "-" else -offset
        nanos = int((fraction or "")[:9].ljust(9, "0"))
    return seconds * 1_000_000_000 + nanos


NUMERIC = r"(?:0|[1-9][0-9]*)"
PRE = rf"(?:{NUMERIC}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
BUILD = r"[0-9A-Za-z-]+"
SEMVER = re.compile(rf"({NUMERIC})\.({NUMERIC})\.({NUMERIC})"
                    rf"(?:-({PRE}(?:\.{PRE})*))?(?:\+{BUILD}(?:\.{BUILD})*)?")


def version(value):
    """Something that sorts by precedence, or None."""
    found = SEMVER.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return None
    core, pre = found.groups()[:3], found[4]
    identifiers = pre.split(".") if pre is not None else []
    if any(part.isdigit() and int(part) > 2**64 - 1 for part in (*core, *identifiers)):
        return None
    # A release is above its pre-releases; numbers are below words; more parts are above fewer.
    return (tuple(map(int, core)), pre is None,
            tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in identifiers))


# Expressions on which Rust's `regex` and Python's `re` agree, and a few that Rust refuses.
REFUSED_BY_RUST = {"(", ")", "[", "[a", "a)", "*", "+a", "?", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)",
                   r"(a)\1", "a{2,1}", "[b-a]", "\\", "{", "a{", "(?P<n", r"\q", r"\p{Nonsense}"}
QUANTIFIER = r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??"
ITEM = r"(?:[^\W_]|[ _.@:/-])"
TOKEN = re.compile(rf"(?P<anchor>[\^$])|(?P<space>\\s)"
                   rf"|(?P<atom>\\d|\\[.+*?()|\[\]{{}}^$\\-]|\.|\[\^?(?:{ITEM}|\\d)+\]|[^\\\[\](){{}}*+?.^$|])"
                   rf"|(?P<group>\(\?:|\(|\||\))|(?P<quantifier>{QUANTIFIER})")
SPACE = "[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


@functools.lru_cache(maxsize=None)
def expression(text):
    """A compiled expression, or None where it is refused."""
    if len(text) > 1000 or text in REFUSED_BY_RUST:
        return None
    flags, rest = (re.IGNORECASE, text[4:]) if text.startswith("(?i)") else (0, text)
    out, at, last = [], 0, None
    while at < len(rest):
        token = TOKEN.match(rest, at)
        if not token or token.lastgroup == "quantifier" and last not in ("atom", "space", ")"):
            raise NotImplementedError(f"outside the common dialect: {text!r}")
        last = ")" if token[0] == ")" else token.lastgroup
        out.append({"$": r"\Z", r"\s": SPACE}.get(token[0], token[0]))
        at = token.end()
    return re.compile("".join(out), flags)


def finds(text, subject):
    if text.startswith("(?i)") and set("İı") & set(subject):
        raise NotImplementedError("the two case foldings differ")
    return expression(text).search(subject) is not None


# ---------------------------------------------------------------- reading an experiment

class Unsupported(Exception):
    """The reader met something it does not know, or that can never be right."""


def need(condition, what):
    if not condition:
        raise Unsupported(what)


def required(holder, name, kind):
    value = holder.get(name)
    need(isinstance(value, kind), name)
    return value


def optional(holder, name, kind, default=None):
    value = holder.get(name)
    if value is None:
        return default
    need(isinstance(value, kind), name)
    return value


STRING_OPERATORS = {"startsWith", "endsWith", "matches", "notMatches", "before", "after",
                    "semverEq", "semverGt", "semverGte", "semverLt", "semverLte",
                    "inSegment", "notInSegment"}
NUMBER_OPERATORS = {"gt", "gte", "lt", "lte"}
LIST_OPERATORS = {"in", "notIn"}
VALUE_OPERATORS = {"eq", "neq", "contains"}
BARE_OPERATORS = {"exists", "notExists"}
SEGMENT_OPERATORS = {"inSegment", "notInSegment"}
OPERATORS = STRING_OPERATORS | NUMBER_OPERATORS | LIST_OPERATORS | VALUE_OPERATORS | BARE_OPERATORS
CASE_OPERATORS = {"eq", "neq", "in", "notIn", "contains", "startsWith", "endsWith"}


class Snapshot:
    """A document after reading: what is refused raises Invalid, what is broken is marked."""

    def __init__(self, document):
        self.refuse(document)
        segments = document.get("segments")
        self.segments = segments if isinstance(segments, dict) else {}
        self.experiments = {e["key"]: e for e in document["experiments"]}
        self.unsupported = {key for key, e in self.experiments.items() if not self.understood(e)}

    @staticmethod
    def refuse(document):
        def fail_unless(condition, what):
            if not condition:
                raise Invalid(what)

        fail_unless(isinstance(document, dict), "document")
        fail_unless(is_number(document.get("schema_version")) and document["schema_version"] == 1,
                    "schema_version")
        fail_unless(isinstance(document.get("environment"), str), "environment")
        fail_unless(is_integer(document.get("version")), "version")
        fail_unless(isinstance(document.get("published_at"), str), "published_at")
        fail_unless(isinstance(document.get("experiments"), list), "experiments")
        requires = document.get("requires")
        fail_unless(requires is None or isinstance(requires, list), "requires")
        fail_unless(all(entry == "regex" for entry in requires or []), "requires")
        keys = []
        for experiment in document["experiments"]:
            fail_unless(isinstance(experiment, dict), "experiment")
            fail_unless(isinstance(experiment.get("key"), str), "experiment key")
            keys.append(experiment["key"])
        fail_unless(len(set(keys)) == len(keys), "repeated experiment key")

    def understood(self, experiment):
        try:
            self.read_experiment(experiment)
            return True
        except Unsupported:
            return False

    def read_experiment(self, e):
        required(e, "id", str)
        required(e, "salt", str)
        need(required(e, "status", str) in ("RUNNING", "CONCLUDED"), "status")
        need(required(e, "hash", str) in ("murmur3", "fnv1a64"), "hash")
        optional(e, "bucket_by", str)
        optional(e, "sticky", bool)
        need(all(entry == "regex" for entry in optional(e, "requires", list, [])), "requires")

        variants = []
        for variant in required(e, "variants", list):
            need(isinstance(variant, dict), "variant")
            required(variant, "id", str)
            variants.append(required(variant, "key", str))
        need(len(set(variants)) == len(variants), "duplicate variant key")

        self.read_allocations(required(e, "allocations", list), variants)
        for rule in optional(e, "targeting_rules", list, []):
            self.read_rule(rule, ())
        for rule in optional(e, "rules", list, []):
            self.read_rule(rule, ())
            variant = optional(rule, "variant", str)
            allocations = optional(rule, "allocations", list)
            need((variant is None) != (allocations is None), "variant or allocations")
            need(variant is None or variant in variants, "rule names no variant")
            self.read_allocations(allocations or [], variants)
        for variant in optional(e, "overrides", dict, {}).values():
            need(isinstance(variant, str), "override")
        for prerequisite in optional(e, "prerequisites", list, []):
            need(isinstance(prerequisite, dict), "prerequisite")
            required(prerequisite, "experiment", str)
            need(all(isinstance(v, str) for v in required(prerequisite, "variants", list)),
                 "prerequisite variants")
        group = optional(e, "group", dict)
        for gate in ([group] if group is not None else []) + optional(e, "holdouts", list, []):
            need(isinstance(gate, dict), "gate")
            required(gate, "key", str)
            required(gate, "salt", str)
            optional(gate, "bucket_by", str)
            for entry in required(gate, "ranges", list):
                self.read_range(entry)
        winner = optional(e, "winner", str)
        need(e["status"] != "CONCLUDED" or winner in variants, "winner")

    @staticmethod
    def read_range(entry):
        need(isinstance(entry, dict), "range")
        start, end = entry.get("range_start"), entry.get("range_end")
        need(is_integer(start) and is_integer(end), "range bounds")
        need(0 <= start <= end <= 9999, "range")
        return start, end

    def read_allocations(self, allocations, variants):
        ranges = []
        for allocation in allocations:
            ranges.append(self.read_range(allocation))
            need(required(allocation, "variant", str) in variants, "allocation names no variant")
        ranges.sort()
        need(all(left[1] < right[0] for left, right in zip(ranges, ranges[1:])), "overlap")

    def read_rule(self, rule, path):
        need(isinstance(rule, dict), "rule")
        for condition in required(rule, "conditions", list):
            self.read_condition(condition, path)

    def read_condition(self, condition, path):
        """`path` holds the segments through which this condition was reached."""
        need(isinstance(condition, dict), "condition")
        need(condition.keys() <= {"attribute", "operator", "value", "ignore_case"}, "unknown field")
        operator = required(condition, "operator", str)
        need(operator in OPERATORS, "operator")
        (optional if operator in SEGMENT_OPERATORS else required)(condition, "attribute", str)
        if "ignore_case" in condition:
            need(isinstance(condition["ignore_case"], bool), "ignore_case")
            need(operator in CASE_OPERATORS, "ignore_case on this operator")
        value = condition.get("value")
        if operator in VALUE_OPERATORS:
            need(value is not None, "value")
        elif operator in LIST_OPERATORS:
            need(isinstance(value, list), "value")
        elif operator in NUMBER_OPERATORS:
            need(is_number(value), "value")
        elif operator in STRING_OPERATORS:
            need(isinstance(value, str), "value")
        if operator in ("before", "after"):
            need(instant(value) is not None, "date")
        elif operator.startswith("semver"):
            need(version(value) is not None, "version")
        elif operator in ("matches", "notMatches"):
            need(expression(value) is not None, "expression")
        elif operator in SEGMENT_OPERATORS:
            need(value in self.segments, "unknown segment")
            need(value not in path, "segment cycle")
            need(isinstance(self.segments[value], list), "segment")
            for rule in self.segments[value]:
                self.read_rule(rule, (*path, value))


# ---------------------------------------------------------------- deciding

class Subject:
    def __init__(self, user_key, context, sticky=None):
        if not 1 <= len(user_key.encode()) <= 512:
            raise Invalid("user_key")
        self.user_key, self.context, self.sticky = user_key, context, sticky or {}

    def attribute(self, name):
        """The value, or None where it is missing (null counts as missing)."""
        if name == "user_key":
            return self.user_key
        if name in self.context:
            return self.context[name]
        if "." not in name:
            return None
        value = self.context
        for part in name.split("."):
            if not isinstance(value, dict) or part not in value:
                return None
            value = value[part]
        return value

    def bucketing_key(self, bucket_by):
        value = self.attribute("user_key" if bucket_by is None else bucket_by)
        if isinstance(value, str) and 1 <= len(value.encode()) <= 512:
            return value
        if is_number(value) and float(value).is_integer() and abs(float(value)) < 2**53:
            return str(int(float(value)))
        return None


def in_ranges(ranges, number):
    return any(r["range_start"] <= number <= r["range_end"] for r in ranges)


class Decision:
    """All experiments of one snapshot for one subject."""

    def __init__(self, snapshot, subject):
        self.snapshot, self.subject = snapshot, subject
        self.settled, self.running = {}, set()

    def answers(self):
        return [{"experiment_key": key, "variant_key": variant, "reason": reason,
                 "bucket": self.own_bucket(self.snapshot.experiments[key])}
                for key in self.snapshot.experiments
                for variant, reason in [self.settle(key)]]

    def own_bucket(self, experiment):
        salt, bucket_by = experiment.get("salt"), experiment.get("bucket_by")
        if experiment.get("hash") not in ("murmur3", "fnv1a64") or not isinstance(salt, str):
            return None
        if bucket_by is not None and not isinstance(bucket_by, str):
            return None
        key = self.subject.bucketing_key(bucket_by)
        return None if key is None else bucket(experiment["hash"], salt, key)

    def settle(self, key):
        if key not in self.settled:
            self.running.add(key)
            self.settled[key] = self.evaluate(key)
            self.running.discard(key)
        return self.settled[key]

    def evaluate(self, key):
        subject, e = self.subject, self.snapshot.experiments[key]
        # 0
        if key in self.snapshot.unsupported:
            return None, "UNSUPPORTED"
        variants = [v["key"] for v in e["variants"]]
        own = self.own_bucket(e)
        # 1
        if e["status"] == "CONCLUDED":
            return (e["winner"], "CONCLUDED") if self.targeted(e) else (None, "TARGETING_MISMATCH")
        # 2
        override = (e.get("overrides") or {}).get(subject.user_key)
        if override in variants:
            return override, "OVERRIDE"
        # 3
        for rule in e.get("rules") or []:
            if self.matches_rule(rule):
                if rule.get("variant") is not None:
                    return rule["variant"], "RULE"
                for allocation in rule["allocations"]:
                    if own is not None and in_ranges([allocation], own):
                        return allocation["variant"], "RULE"
        # 4
        if subject.sticky.get(key) in variants:
            return subject.sticky[key], "STICKY"
        # 5
        if not self.targeted(e):
            return None, "TARGETING_MISMATCH"
        # 6
        for prerequisite in e.get("prerequisites") or []:
            if not self.met(prerequisite):
                return None, "PREREQUISITE_FAILED"
        # 7
        for holdout in e.get("holdouts") or []:
            if self.gate_holds(holdout):
                return None, "HOLDOUT"
        # 8
        if e.get("group") is not None:
            if not self.gate_holds(e["group"]) or self.bound_to_sibling(e):
                return None, "EXCLUDED_BY_GROUP"
        # 9
        if own is None:
            return None, "NO_BUCKETING_KEY"
        # 10
        for allocation in e["allocations"]:
            if in_ranges([allocation], own):
                return allocation["variant"], "SPLIT"
        return None, "NOT_IN_TRAFFIC"

    def met(self, prerequisite):
        key = prerequisite["experiment"]
        if key not in self.snapshot.experiments or key in self.running:
            return False
        return self.settle(key)[0] in prerequisite["variants"]

    def gate_holds(self, gate):
        key = self.subject.bucketing_key(gate.get("bucket_by"))
        return key is not None and in_ranges(gate["ranges"], bucket("murmur3", gate["salt"], key))

    def bound_to_sibling(self, e):
        for key, other in self.snapshot.experiments.items():
            group, variants = other.get("group"), other.get("variants")
            if (key != e["key"] and other.get("status") == "RUNNING"
                    and isinstance(group, dict) and group.get("key") == e["group"]["key"]
                    and key in self.subject.sticky and isinstance(variants, list)
                    and any(isinstance(v, dict) and v.get("key") == self.subject.sticky[key]
                            for v in variants)):
                return True
        return False

    def targeted(self, e):
        rules = e.get("targeting_rules") or []
        return not rules or any(self.matches_rule(rule) for rule in rules)

    def matches_rule(self, rule):
        return all(self.holds(condition) for condition in rule["conditions"])

    def holds(self, condition):
        operator, value = condition["operator"], condition.get("value")
        if operator in SEGMENT_OPERATORS:
            inside = any(self.matches_rule(rule) for rule in self.snapshot.segments[value])
            return inside == (operator == "inSegment")
        actual = self.subject.attribute(condition["attribute"])
        if condition.get("ignore_case"):
            actual, value = lower(actual), lower(value)
        negative = {"neq": "eq", "notIn": "in", "notMatches": "matches", "notExists": "exists"}
        if operator in negative:
            return not self.compare(negative[operator], actual, value)
        return self.compare(operator, actual, value)

    @staticmethod
    def compare(operator, actual, value):
        if actual is None:
            return False
        strings = isinstance(actual, str) and isinstance(value, str)
        match operator:
            case "exists":
                return True
            case "eq":
                return equal(actual, value)
            case "in":
                candidates = actual if isinstance(actual, list) else [actual]
                return any(equal(c, item) for c in candidates for item in value)
            case "contains":
                if isinstance(actual, list):
                    return any(equal(item, value) for item in actual)
                return strings and value in actual
            case "startsWith":
                return strings and actual.startswith(value)
            case "endsWith":
                return strings and actual.endswith(value)
            case "matches":
                return strings and finds(value, actual)
            case "before" | "after":
                left, right = instant(actual), instant(value)
                if left is None:
                    return False
                return left < right if operator == "before" else left > right
        if operator in NUMBER_OPERATORS:
            if not is_number(actual):
                return False
            left, right, relation = float(actual), float(value), operator
        else:
            left, right, relation = version(actual), version(value), operator[6:].lower()
            if left is None:
                return False
        return {"eq": left == right, "gt": left > right, "gte": left >= right,
                "lt": left < right, "lte": left <= right}[relation]


# ---------------------------------------------------------------- golden files

def decide(snapshot, case):
    return Decision(snapshot, Subject(case["user_key"], case["context"], case.get("sticky"))).answers()


def accepts_document(text):
    try:
        if len(text.encode("utf-8", "surrogatepass")) > 32 * 1024 * 1024:
            return False
        Snapshot(parse(text))
        return True
    except Invalid:
        return False


def accepts_subject(case):
    try:
        Subject(case["user_key"], parse_context(case.get("context", "{}")))
        return True
    except Invalid:
        return False


def outcomes(content):
    """(id, expected, actual) for everything a golden file of any shape holds."""
    snapshot = Snapshot(content["snapshot"]) if "snapshot" in content else None
    for number, case in enumerate(content["cases"]):
        name = case.get("id", str(number))
        if snapshot:
            actual = decide(snapshot, case)
            for i in range(max(len(case["expect"]), len(actual))):
                yield name, case["expect"][i:i + 1], actual[i:i + 1]
        elif "algorithm" in case:
            yield name, case["bucket"], bucket(case["algorithm"], case["salt"], case["user_key"])
        elif "weights" in case:
            share = case.get("traffic_share", 10000)
            yield name, case["ranges"], weights_to_ranges(case["weights"], share)
        elif "document" in case:
            yield name, case["accepted"], accepts_document(case["document"])
        else:
            yield name, case["accepted"], accepts_subject(case)


def golden_files(paths):
    for path in map(pathlib.Path, paths):
        yield from sorted(path.glob("*.json")) if path.is_dir() else [path]


def main(paths):
    passed = failed = 0
    for path in golden_files(paths):
        bad, total = {}, {}
        for name, expected, actual in outcomes(parse(path.read_text(encoding="utf-8"))):
            total[name] = True
            if expected != actual:
                bad[name] = True
                print(f"{path.name}: {name}\n  expected {json.dumps(expected)}\n  got      {json.dumps(actual)}")
        passed += len(total) - len(bad)
        failed += len(bad)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
