"""What generate.py and fuzz.py share: building documents and writing golden files."""

import json
import re

import reference


def raw(number):
    """A number whose spelling matters, such as 1e2 or -0.0."""
    return f"\u27ea{number}\u27eb"


def compact(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub('"\u27ea([^"\u27eb]*)\u27eb"', r"\1", text)


def ranges(*pairs):
    return [{"range_start": start, "range_end": end} for start, end in pairs]


def allocations(*triples):
    return [{"variant": v, "range_start": start, "range_end": end} for v, start, end in triples]


def variants(*keys):
    return [{"id": key, "key": key} for key in keys]


def condition(attribute, operator, *value, **more):
    result = {"attribute": attribute, "operator": operator}
    if value:
        result["value"] = value[0]
    return result | more


def rule(*conditions, **more):
    return {"conditions": list(conditions), **more}


HALVES = allocations(("a", 0, 4999), ("b", 5000, 9999))
ON = {"variants": variants("on"), "allocations": allocations(("on", 0, 9999))}


def experiment(key, without=(), **fields):
    result = {"id": "i", "key": key, "status": "RUNNING", "salt": key, "hash": "murmur3",
              "variants": variants("a", "b"), "allocations": HALVES} | fields
    return {name: value for name, value in result.items() if name not in without}


def flag(key, *conditions):
    """Delivers `on` to whoever matches all conditions."""
    return experiment(key, **ON, targeting_rules=[rule(*conditions)])


def document(experiments, **top):
    return {"schema_version": 1, "environment": "prod", "version": 7,
            "published_at": "2026-11-21T10:00:00Z", **top, "experiments": experiments}


def case(name, user_key="user-1", context=None, sticky=None):
    result = {"id": name, "user_key": user_key, "context": context or {}}
    return result if sticky is None else result | {"sticky": sticky}


def golden(name, experiments, cases, **top):
    """The text of a golden file; what is expected comes from the reference."""
    content = {"name": name, "snapshot": document(experiments, **top), "cases": cases}
    read = reference.parse(compact(content))  # as a runner sees it
    snapshot = reference.Snapshot(read["snapshot"])
    names = [c["id"] for c in cases]
    assert len(set(names)) == len(names), f"{name}: case ids repeat"
    for written, seen in zip(cases, read["cases"]):
        reference.parse_context(compact(written["context"]))
        written["expect"] = reference.decide(snapshot, seen)
    return compact(content)


def search(algorithm, salt, buckets, prefix="u"):
    """For each bucket the first key `prefix + number` that falls into it."""
    found, wanted, number = {}, set(buckets), 0
    while wanted:
        key = f"{prefix}{number}"
        hit = reference.bucket(algorithm, salt, key)
        if hit in wanted:
            wanted.discard(hit)
            found[hit] = key
        number += 1
    return [found[b] for b in buckets]
