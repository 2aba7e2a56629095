"""Finds a text's keywords and category and saves it as an idea. Runs once per task: JSON in, JSON out.

Task:   {"id": "…", "type": "Text.Classify", "params": {"path": "…", "source_id": "…", "title": "…"}}
Result: {"row": 2, "category": "licence", "keywords": ["license", …], "lix": 65.26, "textstat": "0.7.8"}
"""

import collections
import importlib.metadata
import pathlib
import re
import sys
import time

import textstat

import idea_inspiration
import text_task

CATEGORIES = {
    "licence": "license licence licensed copyright copyleft warranty liability distribute redistribution permission "
    "patent copyrighted covered notice sublicense merchantability recipient contributor".split(),
    "software": "worker process task queue build swift python configuration command json module error timeout "
    "protocol test run code host".split(),
    "guide": "example step first install open write read start see want choose".split(),
}

COMMON = frozenset(
    "the and for that this with not are you your may any from such all under has have which who its but can will must "
    "other shall these those their they them was were been being each than then there into out also only use used "
    "one two per via what when where how does did done our his her him she let more most some same own over both "
    "very much many about after before without within upon because while until between through here else".split()
)

AUDIENCES = [(30, "children"), (40, "everybody"), (50, "adults"), (60, "people who work with it")]


def count_words(text):
    """How often each word occurs that says something: not short, not common, plain plurals with their singular."""
    words = [word for word in re.findall(r"[a-z][a-z'-]+", text.lower()) if len(word) > 2 and word not in COMMON]
    counts = collections.Counter(words)
    for word in [word for word in counts if word.endswith("s") and word[:-1] in counts]:
        counts[word[:-1]] += counts.pop(word)
    return counts


def keywords_of(counts, limit=6):
    return [word for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]]


def category_of(counts):
    """The category whose words make up most of the text, and how sure that is (0 to 1)."""
    hits = {name: sum(counts[word] for word in words) for name, words in CATEGORIES.items()}
    total = sum(hits.values())
    if total == 0:
        return "other", 0.0
    best = max(hits, key=hits.get)
    return best, round(hits[best] / total, 2)


def audience_of(lix):
    return next((name for limit, name in AUDIENCES if lix < limit), "specialists")


def process(task, params, text):
    started = time.monotonic()
    version = importlib.metadata.version("textstat")
    lix = round(textstat.lix(text), 2)
    counts = count_words(text)
    keywords = keywords_of(counts)
    category, confidence = category_of(counts)
    row = idea_inspiration.save(
        {
            "title": params["title"],
            "description": f"{category}, for {audience_of(lix)}: {', '.join(keywords[:3])}",
            "content": text,
            "keywords": keywords,
            "source_type": "text",
            "source_id": params["source_id"],
            "source_url": params.get("source_url") or pathlib.Path(params["path"]).absolute().as_uri(),
            "metadata": {
                "task_id": task.get("id"),
                "package": "textstat",
                "package_version": version,
                "interpreter": sys.prefix,
                "seconds": round(time.monotonic() - started, 4),
                "category": category,
                "confidence": confidence,
                "audience": audience_of(lix),
                "lix": lix,
            },
        },
        produced_by="classifier",
    )
    return {"row": row, "category": category, "keywords": keywords, "lix": lix, "textstat": version}


if __name__ == "__main__":
    text_task.run(process)
