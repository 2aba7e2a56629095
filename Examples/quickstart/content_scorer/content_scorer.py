"""Scores how readable a text is and saves it as an idea. Runs once per task: JSON in, JSON out.

Task:   {"id": "…", "type": "Text.Score", "params": {"path": "…", "source_id": "…", "title": "…"}}
Result: {"row": 1, "words": 1580, "lix": 66.81, "reading_ease": 28.91, "textstat": "0.7.3"}
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


def overall_score(ease):
    """Reading ease, cut to 0 to 100."""
    return round(min(100.0, max(0.0, ease)))


def hardest_words(text, limit=6):
    """The words that occur most among those which textstat finds difficult."""
    difficult = set(textstat.difficult_words_list(text))
    counts = collections.Counter(word for word in re.findall(r"[a-z]{3,}", text.lower()) if word in difficult)
    return [word for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]]


def process(task, params, text):
    started = time.monotonic()
    version = importlib.metadata.version("textstat")
    scores = {
        "words": textstat.lexicon_count(text),
        "sentences": textstat.sentence_count(text),
        "reading_ease": round(textstat.flesch_reading_ease(text), 2),
        "grade": round(textstat.flesch_kincaid_grade(text), 2),
        "lix": round(textstat.lix(text), 2),
        "reading_seconds": round(textstat.reading_time(text), 1),
    }
    score = overall_score(scores["reading_ease"])
    row = idea_inspiration.save(
        {
            "title": params["title"],
            "description": f"{scores['words']} words, readability {score} of 100, school grade {scores['grade']}",
            "content": text,
            "keywords": hardest_words(text),
            "source_type": "text",
            "source_id": params["source_id"],
            "source_url": params.get("source_url") or pathlib.Path(params["path"]).absolute().as_uri(),
            "metadata": {
                "task_id": task.get("id"),
                "package": "textstat",
                "package_version": version,
                "interpreter": sys.prefix,
                "seconds": round(time.monotonic() - started, 4),
                "score": score,
                **scores,
            },
        },
        produced_by="content_scorer",
    )
    return {
        "row": row,
        "words": scores["words"],
        "lix": scores["lix"],
        "reading_ease": scores["reading_ease"],
        "textstat": version,
    }


if __name__ == "__main__":
    text_task.run(process)
