#!/usr/bin/env python3
"""Do our golden files notice when a sentence of the specification is inverted?

    python3 tests/vectors/mutate.py

Each mutant is the reference with one piece of text replaced. A mutant that passes every
generated file survives and is printed: a case is missing. The exit code is then 1.
"""

import pathlib
import sys
import types

sys.dont_write_bytecode = True

import reference
from generate import FILES

FOLDER = pathlib.Path(__file__).resolve().parent
SOURCE = (FOLDER / "reference.py").read_text(encoding="utf-8")

MUTANTS = [  # what is replaced, by what
    # Bucketing
    ("key.encode() + salt.encode()", "salt.encode() + key.encode()"),
    ("fnv1a_64(salt.encode() + b\":\" + key.encode())", "fnv1a_64(key.encode() + b\":\" + salt.encode())"),
    ("salt.encode() + b\":\"", "salt.encode()"),
    ("(h ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF", "(h * 1099511628211 & 0xFFFFFFFFFFFFFFFF) ^ byte"),
    ("(h ^ byte)", "(h ^ (byte if byte < 128 else byte | 0xFFFFFFFFFFFFFF00))"),
    ("if len(data) > whole:", "if len(data) > whole + 1:"), ("if len(data) > whole:", "if whole < len(data) < whole + 3:"),
    ("data[whole:], \"little\"", "data[whole:], \"big\""), ("h ^= len(data)", "h ^= len(data.decode())"),
    ("murmur3_x86_32(key.encode() + salt.encode()) % 10000",
     "abs((murmur3_x86_32(key.encode() + salt.encode()) ^ 2**31) - 2**31) % 10000"),
    ("murmur3_x86_32(key.encode() + salt.encode()) % 10000", "murmur3_x86_32(key.encode() + salt.encode()) * 10000 >> 32"),
    ("murmur3_x86_32(data, seed=0)", "murmur3_x86_32(data, seed=1)"),
    ("fnv1a_64(salt.encode() + b\":\" + key.encode()) % 10000", "(fnv1a_64(salt.encode() + b\":\" + key.encode()) & 0xFFFFFFFF) % 10000"),
    ("return -(-a // b)", "return a // b"), ("return -(-a // b)", "return (2 * a + b) // (2 * b)"),
    ("kept = ceil_div(traffic_share * length, 10000)", "kept = traffic_share * length // 10000"),
    ("[start, start + kept - 1]", "[start + length - kept, start + length - 1]"),
    ("kept - 1] if kept else None", "kept - 1]"),
    ("1 <= len(value.encode()) <= 512:\n            return value", "len(value.encode()) <= 512:\n            return value"),
    ("1 <= len(value.encode()) <= 512:\n            return value", "1 <= len(value.encode()) < 512:\n            return value"),
    ("1 <= len(value.encode()) <= 512:\n            return value", "1 <= len(value) <= 512:\n            return value"),
    ("1 <= len(value.encode()) <= 512:\n            return value", "1 <= len(value.encode()):\n            return value"),
    ("abs(float(value)) < 2**53", "abs(float(value)) <= 2**53"), ("abs(float(value)) < 2**53", "True"),
    ("abs(float(value)) < 2**53", "abs(float(value)) < 2**53 - 1"),
    ("abs(float(value)) < 2**53", "float(value) < 2**53"), ("float(value).is_integer() and", "is_integer(value) and"),
    ("float(value).is_integer() and", ""), ("return str(int(float(value)))", "return json.dumps(float(value))"),
    ("return str(int(float(value)))", "return ('-' if json.dumps(value)[0] == '-' else '') + str(abs(int(float(value))))"),
    ("return str(int(float(value)))\n        return None", "return str(int(float(value)))\n        return self.user_key"),
    ("return str(int(float(value)))\n        return None", "return str(int(float(value)))\n        return json.dumps(value) if value is not None else None"),
    ("bucket(\"murmur3\", gate[\"salt\"], key)", "bucket(\"fnv1a64\", gate[\"salt\"], key)"),
    ("self.subject.bucketing_key(gate.get(\"bucket_by\"))", "self.subject.bucketing_key(None)"),
    ("<= number <= r[\"range_end\"]", "<= number < r[\"range_end\"]"), ("r[\"range_start\"] <= number", "r[\"range_start\"] < number"),
    ("return None if key is None else bucket(experiment", "return None if key is None or experiment['status'] == 'CONCLUDED' else bucket(experiment"),
    ("return None if key is None else bucket(experiment", "return None if key is None or experiment['key'] in self.snapshot.unsupported else bucket(experiment"),
    # Subjects
    ("1 <= len(user_key.encode()) <= 512", "0 <= len(user_key.encode()) <= 512"), ("1 <= len(user_key.encode()) <= 512", "1 <= len(user_key.encode()) < 512"),
    ("1 <= len(user_key.encode()) <= 512", "1 <= len(user_key) <= 512"), ("above + 1 > 64", "above + 1 > 63"), ("above + 1 > 64", "above + 1 > 65"),
    ("isinstance(value, (dict, list)):\n        if above", "isinstance(value, dict):\n        if above"),
    ("if len(result) != len(pairs)", "if False"), ("for key in value if isinstance(value, dict) else ():", "for key in ():"),
    ("if not finite", "if False"), ("0xD800 <= ord(c) <= 0xDFFF", "0xD800 <= ord(c) < 0xDC00"), ("0xD800 <= ord(c) <= 0xDFFF", "0xDC00 <= ord(c) <= 0xDFFF"),
    ("if not isinstance(value, dict):\n        raise Invalid(\"not an object\")", "if False:\n        pass"),
    # Lookup
    ("if name == \"user_key\":\n            return self.user_key", "if name == \"user_key\" and name not in self.context:\n            return self.user_key"),
    ("if name == \"user_key\":", "if name.lower() == \"user_key\":"), ("if name == \"user_key\":", "if name.split('.')[0] == \"user_key\":"),
    ("if name in self.context:", "if self.context.get(name) is not None:"), ("if name in self.context:", "if '.' not in name and name in self.context:"),
    ("for part in name.split(\".\"):", "for part in name.split(\".\", 1):"), ("for part in name.split(\".\"):", "for part in filter(None, name.split(\".\")):"),
    ("for part in name.split(\".\"):", "for part in name.strip(\".\").split(\".\"):"),
    ("            if not isinstance(value, dict) or part not in value:",
     "            if isinstance(value, list) and part.isdigit() and int(part) < len(value):\n                value = {part: value[int(part)]}\n            if not isinstance(value, dict) or part not in value:"),
    # Operators
    ("if is_number(a) and is_number(b):\n        return float(a) == float(b)", "if is_number(a) and is_number(b):\n        return a == b"),
    ("if is_number(a) and is_number(b):\n        return float(a) == float(b)", "if is_number(a) and is_number(b):\n        return type(a) is type(b) and a == b"),
    ("if is_number(a) and is_number(b):\n        return float(a) == float(b)", "if is_number(a) and is_number(b):\n        return str(float(a)) == str(float(b))"),
    ("if type(a) is not type(b):\n        return False", "if type(a) is not type(b):\n        return json.dumps(a) == b or json.dumps(b) == a"),
    ("if type(a) is not type(b):\n        return False", "if type(a) is not type(b):\n        return a == b"),
    ("return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b))", "return sorted(map(str, a)) == sorted(map(str, b))"),
    ("return len(a) == len(b) and all", "return all"), ("return a.keys() == b.keys() and", "return a.keys() <= b.keys() and"),
    ("return a.keys() == b.keys() and", "return list(a) == list(b) and"),
    ("        if actual is None:\n            return False\n", "        if actual is None and operator not in ('eq', 'in'):\n            return False\n"),
    ("return not self.compare(negative", "return actual is not None and not self.compare(negative"),
    ("return not self.compare(negative", "return (operator != 'notMatches' or isinstance(actual, str) or actual is None) and not self.compare(negative"),
    ("candidates = actual if isinstance(actual, list) else [actual]", "candidates = [actual]"),
    ("candidates = actual if isinstance(actual, list) else [actual]", "candidates = actual + [actual] if isinstance(actual, list) else [actual]"),
    ("candidates = actual if isinstance(actual, list) else [actual]", "candidates = [c for c in actual if c is not None] if isinstance(actual, list) else [actual]"),
    ("return any(equal(c, item) for c in candidates for item in value)", "return all(any(equal(c, item) for item in value) for c in candidates)"),
    ("                if isinstance(actual, list):\n                    return any(equal(item, value) for item in actual)\n", ""),
    ("return any(equal(item, value) for item in actual)", "return isinstance(value, str) and any(isinstance(i, str) and value in i for i in actual)"),
    ("strings and value in actual", "strings and bool(value) and value in actual"), ("strings and value in actual", "strings and actual in value"),
    ("strings and value in actual", "value in str(actual)"), ("strings and actual.startswith(value)", "strings and bool(value) and actual.startswith(value)"),
    ("strings and actual.startswith(value)", "str(actual).startswith(value)"), ("strings and actual.endswith(value)", "strings and actual.startswith(value)"),
    ("strings and actual.endswith(value)", "strings and bool(value) and actual.endswith(value)"), ("strings and finds(value, actual)", "finds(value, str(actual))"),
    ("expression(text).search(subject)", "expression(text).match(subject)"), ("expression(text).search(subject)", "expression(text).fullmatch(subject)"),
    ("{\"$\": r\"\\Z\", ", "{"), ("r\"\\s\": SPACE", ""), ("re.compile(\"\".join(out), flags)", "re.compile(\"\".join(out), flags | re.ASCII)"),
    ("re.compile(\"\".join(out), flags)", "re.compile(\"\".join(out), flags | re.DOTALL)"), ("re.compile(\"\".join(out), flags)", "re.compile(\"\".join(out), flags | re.MULTILINE)"),
    ("re.compile(\"\".join(out), flags)", "re.compile(\"\".join(out))"), ("len(text) > 1000", "len(text) >= 1000"), ("len(text) > 1000", "len(text.encode()) > 1000"), ("len(text) > 1000", "len(text) > 1001"),
    ("\"gt\": left > right", "\"gt\": left >= right"), ("\"gte\": left >= right", "\"gte\": left > right"), ("\"lt\": left < right", "\"lt\": left <= right"), ("\"lte\": left <= right", "\"lte\": left < right"),
    ("if not is_number(actual):\n                return False", "if not isinstance(actual, (int, float)):\n                return False"),
    ("if not is_number(actual):\n                return False", "if isinstance(actual, str) and actual.isdigit():\n                actual = int(actual)\n            if not is_number(actual):\n                return False"),
    ("left, right, relation = float(actual), float(value), operator", "left, right, relation = actual, value, operator"),
    ("case \"exists\":\n                return True", "case \"exists\":\n                return bool(actual)"),
    # Dates
    ("return left < right if operator", "return left <= right if operator"), ("else left > right\n", "else left >= right\n"),
    ("if left is None:\n                    return False\n                return left < right", "if left is None:\n                    left = 0\n                return left < right"),
    ("abs(float(value)) > 8.64e15", "abs(float(value)) >= 8.64e15"), ("abs(float(value)) > 8.64e15", "float(value) > 8.64e15"), ("abs(float(value)) > 8.64e15", "False"),
    ("math.floor(Fraction(float(value)) * 1_000_000)", "int(Fraction(float(value)) * 1_000_000)"), ("math.floor(Fraction(float(value)) * 1_000_000)", "round(Fraction(float(value)) * 1_000_000)"),
    ("math.floor(Fraction(float(value)) * 1_000_000)", "math.floor(value) * 1_000_000"), ("math.floor(Fraction(float(value)) * 1_000_000)", "math.floor(float(value) * 1e6)"),
    ("DATE + \"T\" + TIME", "DATE + \"[Tt]\" + TIME"), ("DATE + \"T\" + TIME", "DATE + \"[T ]\" + TIME"), ("(?:Z|([+-])", "(?:[Zz]|([+-])"), ("([0-9]{2}):([0-9]{2}))\")", "([0-9]{2}):([0-9]{2}))?\")"),
    ("(?:\\.([0-9]+))?", "(?:\\.([0-9]{1,9}))?"), ("(?:\\.([0-9]+))?", "(?:[.,]([0-9]+))?"), ("(?:\\.([0-9]+))?", "(?:\\.([0-9]*))?"),
    ("int(hour) > 23", "int(hour) > 24"), ("int(second) > 59", "int(second) > 60"), ("int(minute) > 59 or", ""), ("int(off_hour) > 23", "int(off_hour) > 24"), ("int(off_hour) > 23", "int(off_hour) > 14"),
    ("or int(off_minute) > 59", ""), ("if sign == \"-\" else -offset", "if sign == \"+\" else -offset"), ("(fraction or \"\")[:9].ljust", "(fraction or \"\")[:6].ljust"),
    ("int((fraction or \"\")[:9].ljust(9, \"0\"))", "round(float(\"0.\" + (fraction or \"0\")) * 1e9)"), (".ljust(9, \"0\")", ".rjust(9, \"0\")"),
    ("return seconds * 1_000_000_000 + nanos", "return max(-2**63, min(2**63 - 1, seconds * 1_000_000_000 + nanos))"),
    ("return seconds * 1_000_000_000 + nanos", "return (seconds * 1_000_000_000 + nanos + 2**63) % 2**64 - 2**63"), ("DAY_ONLY.fullmatch(value) or DATE_TIME", "DATE_TIME"),
    ("DAY_ONLY.fullmatch(value) or DATE_TIME.fullmatch(value)", "DAY_ONLY.fullmatch(value.strip()) or DATE_TIME.fullmatch(value.strip())"),
    ("return seconds * 1_000_000_000 + nanos", "return seconds * 1_000_000_000 + nanos if seconds < 253402300800 else None"),
    ("return seconds * 1_000_000_000 + nanos", "return seconds * 1_000_000_000 + nanos if seconds >= -62135596800 else None"),
    # Versions
    ("NUMERIC = r\"(?:0|[1-9][0-9]*)\"", "NUMERIC = r\"[0-9]+\""), ("SEMVER.fullmatch(value)", "SEMVER.fullmatch(value.removeprefix(\"v\"))"), ("SEMVER.fullmatch(value)", "SEMVER.match(value)"),
    ("> 2**64 - 1", "> 2**64"), ("> 2**64 - 1", "> 2**63 - 1"), ("(*core, *identifiers)", "core"), ("(*core, *identifiers)", "identifiers"), ("pre is None,", "pre is not None,"),
    ("(0, int(part), \"\")", "(0, 0, part)"), ("(0, int(part), \"\")", "(2, int(part), \"\")"), ("else (1, 0, part)", "else (1, 0, part.lower())"),
    ("return (tuple(map(int, core)), pre is None,", "return (core, pre is None,"), ("BUILD = r\"[0-9A-Za-z-]+\"", "BUILD = PRE"), ("BUILD}(?:\\.{BUILD})*)?\")", "BUILD})?\")"),
    ("any(part.isdigit() and int(part)", "any(part[:1].isdigit() and int(part.rstrip('a'))" if False else "any(part[:20].isdigit() and int(part[:20])"),
    # ignore_case
    ("\"\".join(c.lower() for c in value)", "value.lower()"), ("\"\".join(c.lower() for c in value)", "value.casefold()"), ("\"\".join(c.lower() for c in value)", "\"\".join(c.lower() if c < '\\x80' else c for c in value)"),
    ("\"\".join(c.lower() for c in value)", "\"\".join(c.lower()[0] for c in value)"), ("\"\".join(c.lower() for c in value)", "\"\".join(c.upper().lower() for c in value)"),
    ("{key: lower(item) for", "{lower(key): lower(item) for"), ("{key: lower(item) for", "{key: item for"), ("return [lower(item) for item in value]", "return value"),
    ("actual, value = lower(actual), lower(value)", "actual = lower(actual)"), ("actual, value = lower(actual), lower(value)", "value = lower(value)"),
    ("if condition.get(\"ignore_case\"):", "if \"ignore_case\" in condition:"), ("if condition.get(\"ignore_case\"):", "if condition.get(\"ignore_case\") and operator in (\"eq\", \"neq\", \"in\"):"),
    ("need(operator in CASE_OPERATORS,", "need(True,"), ("need(operator in CASE_OPERATORS,", "need(operator in CASE_OPERATORS or not condition['ignore_case'],"),
    ("isinstance(condition[\"ignore_case\"], bool)", "True"), ("isinstance(condition[\"ignore_case\"], bool)", "condition[\"ignore_case\"] in (None, True, False)"),
    # Reading
    ("need(value not in path, \"segment cycle\")", "if value in path:\n                return"), ("need(value in self.segments, \"unknown segment\")", "if value not in self.segments:\n                return"),
    ("need(isinstance(self.segments[value], list), \"segment\")", "if not isinstance(self.segments[value], list):\n                return"),
    ("self.segments = segments if isinstance(segments, dict) else {}", "self.segments = segments or {}\n        if not isinstance(self.segments, dict): raise Invalid('segments')"),
    ("self.read_rule(rule, (*path, value))", "pass"), ("for rule in optional(e, \"targeting_rules\", list, []):\n            self.read_rule(rule, ())", "for rule in optional(e, \"targeting_rules\", list, [])[:1]:\n            self.read_rule(rule, ())"),
    ("            need((variant is None) != (allocations is None), \"variant or allocations\")\n", "            need(variant is not None or allocations is not None, '')\n"),
    ("            need((variant is None) != (allocations is None), \"variant or allocations\")\n", "            need(variant is None or allocations is None, '')\n"),
    ("need(variant is None or variant in variants", "need(True"), ("            self.read_allocations(allocations or [], variants)\n", ""), ("need(len(set(variants)) == len(variants)", "need(True"),
    ("need(e[\"status\"] != \"CONCLUDED\" or winner in variants", "need(True"), ("need(e[\"status\"] != \"CONCLUDED\" or winner in variants", "need(winner is None or winner in variants"),
    ("need(0 <= start <= end <= 9999", "need(0 <= start and end <= 9999"), ("need(0 <= start <= end <= 9999", "need(start <= end <= 9999"), ("need(0 <= start <= end <= 9999", "need(0 <= start <= end <= 10000"),
    ("need(0 <= start <= end <= 9999", "need(0 <= start < end <= 9999"), ("need(is_integer(start) and is_integer(end)", "need(is_number(start) and is_number(end)"), ("need(all(left[1] < right[0]", "need(all(left[1] <= right[0]"),
    ("need(all(left[1] < right[0]", "need(all(left[1] + 1 < right[0]"), ("        ranges.sort()\n", ""), ("need(required(allocation, \"variant\", str) in variants", "need(required(allocation, \"variant\", str)"),
    ("need(condition.keys() <= {\"attribute\",", "need(True or condition.keys() <= {\"attribute\","), ("need(operator in OPERATORS, \"operator\")", "if operator not in OPERATORS:\n            return"),
    ("(optional if operator in SEGMENT_OPERATORS else required)(condition", "required(condition"), ("(optional if operator in SEGMENT_OPERATORS else required)(condition", "optional(condition"),
    ("need(value is not None, \"value\")", "pass"), ("need(isinstance(value, list), \"value\")", "pass" if False else "if not isinstance(value, list):\n                condition['value'] = []"),
    ("elif operator in NUMBER_OPERATORS:\n            need(is_number(value), \"value\")", "elif operator in NUMBER_OPERATORS:\n            need(isinstance(value, (int, float)), \"value\")"),
    ("for entry in optional(e, \"requires\", list, []))", "for entry in ())"), ("required(variant, \"id\", str)", "pass"), ("required(e, \"id\", str)", "pass"), ("optional(e, \"sticky\", bool)", "pass"),
    ("in (\"RUNNING\", \"CONCLUDED\"), \"status\"", "in (\"RUNNING\", \"CONCLUDED\", \"PAUSED\"), \"status\""), ("            need(isinstance(variant, str), \"override\")", "            pass"),
    ("            need(isinstance(variant, str), \"override\")", "            need(variant in variants, \"override\")"), ("    if value is None:\n        return default\n", "    if name not in holder:\n        return default\n"),
    ("required(gate, \"key\", str)", "pass"), ("required(gate, \"salt\", str)", "optional(gate, 'salt', str); gate.setdefault('salt', '')"), ("optional(gate, \"bucket_by\", str)", "pass" if False else "gate.get('bucket_by') is None or isinstance(gate['bucket_by'], str) or gate.pop('bucket_by')"),
    # Refusal
    ("document[\"schema_version\"] == 1,", "True,"), ("isinstance(document.get(\"environment\"), str)", "True"), ("is_integer(document.get(\"version\"))", "True"), ("isinstance(document.get(\"published_at\"), str)", "True"),
    ("all(entry == \"regex\" for entry in requires or [])", "True"), ("requires is None or isinstance(requires, list)", "requires is None or isinstance(requires, (list, str, dict)) and not (requires := [])"),
    ("isinstance(experiment.get(\"key\"), str)", "\"key\" in experiment and experiment['key'].__hash__"), ("len(set(keys)) == len(keys), \"repeated", "True, \"repeated"),
    ("len(set(keys)) == len(keys), \"repeated", "len(set(map(str.lower, keys))) == len(keys), \"repeated"),
    # The order, and what each step asks
    ("        if key in self.snapshot.unsupported:\n            return None, \"UNSUPPORTED\"\n", "        if key in self.snapshot.unsupported and subject.sticky.get(key) is None:\n            return None, \"UNSUPPORTED\"\n"),
    ("if self.targeted(e) else (None, \"TARGETING_MISMATCH\")", "if True else (None, \"TARGETING_MISMATCH\")"), ("        if override in variants:", "        if override is not None:"),
    ("get(subject.user_key)", "get(subject.user_key.strip())"), ("get(subject.user_key)", "get(subject.context.get(\"user_key\", subject.user_key))"),
    ("if own is not None and in_ranges([allocation], own)", "if own is None or in_ranges([allocation], own)"),
    ("                        return allocation[\"variant\"], \"RULE\"\n", "                        return allocation[\"variant\"], \"RULE\"\n                break\n"),
    ("for rule in e.get(\"rules\") or []:", "for rule in reversed(e.get(\"rules\") or []):"), ("if subject.sticky.get(key) in variants:", "if subject.sticky.get(key) is not None:"),
    ("if subject.sticky.get(key) in variants:", "if e.get('sticky') and subject.sticky.get(key) in variants:"), ("if subject.sticky.get(key) in variants:", "if self.targeted(e) and subject.sticky.get(key) in variants:"),
    ("if key not in self.snapshot.experiments or key in self.running:\n            return False", "if key not in self.snapshot.experiments or key in self.running:\n            return True"),
    ("if key not in self.snapshot.experiments or key in self.running:\n            return False", "if key in self.running:\n            return True\n        if key not in self.snapshot.experiments:\n            return False"),
    ("if key not in self.snapshot.experiments or key in self.running:\n            return False", "if len(self.running) > 32 or key not in self.snapshot.experiments or key in self.running:\n            return False"),
    ("return self.settle(key)[0] in prerequisite[\"variants\"]", "return self.settle(key)[0] is not None"), ("return self.settle(key)[0] in prerequisite[\"variants\"]", "return self.settle(key)[1] == 'SPLIT' and self.settle(key)[0] in prerequisite[\"variants\"]"),
    ("            if not self.met(prerequisite):\n                return None, \"PREREQUISITE_FAILED\"\n", "            if self.met(prerequisite):\n                break\n        else:\n            if e.get('prerequisites'):\n                return None, \"PREREQUISITE_FAILED\"\n"),
    ("return key is not None and in_ranges(gate[\"ranges\"]", "return key is None or in_ranges(gate[\"ranges\"]"), ("for holdout in e.get(\"holdouts\") or []:", "for holdout in (e.get(\"holdouts\") or [])[:1]:"),
    ("if not self.gate_holds(e[\"group\"]) or self.bound_to_sibling(e):", "if not self.gate_holds(e[\"group\"]):"), ("key != e[\"key\"] and other.get(\"status\") == \"RUNNING\"", "key != e[\"key\"]"),
    ("key != e[\"key\"] and other.get(\"status\") == \"RUNNING\"", "key != e[\"key\"] and key not in self.snapshot.unsupported and other.get(\"status\") == \"RUNNING\""), ("group.get(\"key\") == e[\"group\"][\"key\"]", "group.get(\"salt\") == e[\"group\"][\"salt\"]"),
    ("group.get(\"key\") == e[\"group\"][\"key\"]", "group == e[\"group\"]"), ("and v.get(\"key\") == self.subject.sticky[key]", ""), ("        if own is None:\n            return None, \"NO_BUCKETING_KEY\"\n", "        if own is None:\n            return None, \"NOT_IN_TRAFFIC\"\n"),
    ("return not rules or any(self.matches_rule(rule) for rule in rules)", "return any(self.matches_rule(rule) for rule in rules)"), ("return not rules or any(self.matches_rule(rule) for rule in rules)", "return all(self.matches_rule(rule) for rule in rules)"),
    ("return all(self.holds(condition) for condition in rule[\"conditions\"])", "return not rule['conditions'] or any(self.holds(condition) for condition in rule[\"conditions\"])"),
    ("return all(self.holds(condition) for condition in rule[\"conditions\"])", "return bool(rule['conditions']) and all(self.holds(condition) for condition in rule[\"conditions\"])"),
    ("inside = any(self.matches_rule(rule) for rule in self.snapshot.segments[value])", "inside = not self.snapshot.segments[value] or any(self.matches_rule(rule) for rule in self.snapshot.segments[value])"),
    ("inside = any(self.matches_rule(rule) for rule in self.snapshot.segments[value])", "inside = all(self.matches_rule(rule) for rule in self.snapshot.segments[value])"),
    ("return inside == (operator == \"inSegment\")", "return inside"),
]


def swaps():
    """Mutants that exchange two adjacent steps of the decision."""
    start, end = SOURCE.index("        # 0\n"), SOURCE.index("    def met(")
    steps = SOURCE[start:end].split("        # ")[1:]
    for i in range(len(steps) - 2):
        swapped = steps[:i] + [steps[i + 1], steps[i]] + steps[i + 2:]
        if i == 0:  # `variants` and `own` are worked out in step 0
            head, rest = steps[0].split("        variants = ", 1)
            swapped[:2] = ["0\n        variants = " + rest, steps[1], head[2:]]
        yield f"steps {i} and {i + 1}", SOURCE[:start] + "        # ".join(["", *swapped]) + SOURCE[end:]
    no_key = steps[9]
    yield "step 9 first", SOURCE[:start] + "        # ".join(["", steps[0], no_key, *steps[1:9], steps[10]]) + SOURCE[end:]


def killed(source, files):
    module = types.ModuleType("mutant")
    exec(compile(source, "mutant", "exec"), module.__dict__)
    sys.setrecursionlimit(2000)  # some mutants never return
    for path, text in files:
        try:
            if any(expected != actual for _, expected, actual in module.outcomes(reference.parse(text))):
                return path
        except Exception:  # a mutant that breaks down is noticed, too
            return path
    return None


def main():
    files = [(name, (FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in FILES]
    assert killed(SOURCE, files) is None, "the reference itself fails"
    survivors, count = [], 0
    mutants = [(f"{old!r} -> {new!r}", SOURCE.replace(old, new)) for old, new in MUTANTS]
    for name, source in [*mutants, *swaps()]:
        count += 1
        if source == SOURCE:
            survivors.append(f"(nothing replaced) {name}")
        elif killed(source, files) is None:
            survivors.append(name)
    for name in survivors:
        print(f"survived: {name}")
    print(f"{count - len(survivors)} killed, {len(survivors)} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
