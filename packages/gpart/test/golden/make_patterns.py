"""Writes pythonPatterns.json: which names Python's re.fullmatch matches, and which patterns it refuses.

Run with Python 3.11: `python3.11 packages/gpart/test/golden/make_patterns.py`. The file is committed; the tests need no
Python.
"""
import json
import re
import warnings
from pathlib import Path

NAMES = [
    "", "query", "layer.0.self.query", "layer.11.self.value", "h.0.attn.c_attn",
    "model.layers.3.self_attn.q_proj", "model.layers.12.self_attn.v_proj", "model.visual.blocks.2.attn.qkv", "a", "aa",
    "aaa", "aab", "ab", "b", "A", "AB", "aB", "a\n", "a\nb", "\n", "a.b", "a-b", "a_b", "a{2}", "a{", "{}", "a{,}", "]",
    "^", "[", "x]", "0", "٣", "é", "É", "ß", "ſ", "s", "K", "k", "µ", "😀", " ", "\x1c", "\ufeff", "\u2028", "\x08",
    "query1", "QUERY", "lm_head", "head", "aaaaaaaaaab", "1.2", "S", "\\", "c",
]
PATTERNS = [
    "", ".*", r".*\.(query|value)", ".*(query|value).*", "que", r".*layer\.\d+\..*", r"(?i)query", r"(?i:q)uery",
    r"(?P<kind>query|value)", r".*(?P<n>\d+).*", r"\Aquery\Z", r"^query$", r"a$", r"a$\n", r"a\Z", r"(?m)a$\nb", r"(?m)^a$",
    r"(?s)a.b", r"a.b", r"(?!.*visual).*(q_proj|v_proj|qkv)", r"^(?!.*visual).*attn.*$", r".*(?=proj)proj", r".*(?<=q_)proj",
    r".*(?<!q_)proj", r"model(?=\.).*\.(q_proj|v_proj)", r"a{2}", r"a{,2}", r"a{1,}", r"a{,}", r"a{2,3}", r"a{", r"a{2", r"{}",
    r"a{}", r"[a-c]+", r"[^a-c]", r"[]]", r"[^]]", r"[]x]+", r"[[]", r"[\]]", r"[a\-b]+", r"[a-]+", r"[\w.]+", r"[\d.]+", r"\d",
    r"\D", r"\w", r"\W", r"\s", r"\S", r"[\s]", r"[^\s]", r"[^\W]", r".", r"\x61", r"\u0061", r"\U0001F600", r"\141", r"\0",
    r"[\b]", r"\bquery\b", r".*\bquery\b", r"\Bquery", r"a\.b", r"a\-b", r"a\_b", r"(a|b)*", r"(a|b)+?", r"(a*)*b", r"(a+)+b",
    r"(?:a|aa)+", r"a??", r"a*?b", r"(?#note)a", r"a(?#note)*", r"(?:)", r"()*", r"(?:a*)+", r"|a", r"a|", r"(|a)b",
    r"(?i)[A-Z]+", r"(?i)[^a]", r"(?i)É", r"(?i)ſ", r"(?i)k", r"(?i)[j-l]", r"(?i)µ", r"(?i)(?-i:a)b", r"(?is)A.B", r"(?u)é",
    r"(?a)\w", r"(?x) a  b", r"(?L)a", r"a*+", r"a++b", r"a?+", r"(?>a+)b", r"(a)\1", r"(?P<x>a)(?P=x)", r"(a)?(?(1)b|c)", r"(",
    r")", r"a)", r"[", r"[a", r"*a", r"a**", r"a+*", r"a{2}{3}", r"a{3,2}", r"^*", r"\b+", r"(?<=a*)b", r"(?<=a|bc)c", r"(?<=ab)",
    r"\q", r"\z", r"\8", r"\N{DIGIT ZERO}", r"\Z\Z", r"[z-a]", r"[\w-z]", r"(?P<1>a)", r"(?P<a", r"(?<name>a)", r"(?i", r"a(?i)b",
    r"\x6", r"\u006", r"\\", r"[\d-x]", r"(?=a)*a", r"(?:^)*a", r"(?=a|b).", r"((?!b).)*", r"(?:(?!query).)*", r"([a-z_]+)+!",
    r".*self\.(query|value)$", r"[a-z.]*\d{1,2}[a-z._]*", r"(?:[^.]+\.)*query", r"query\d?", r"\.", r"\{\}", r"[{}]+", r"$", r"^",
    r"a\
", r"\n", r"[\n]", r"[\x00-\x1f]", r"[а-я]", r"(?i)ß", r"[]-a]", r"[a\]]", r"[\\]", r"[^^]", r"[&&]", r"\cA", r"\e", r"\p{L}",
]


def verdict(pattern):
    try:
        compiled = re.compile(pattern)
    except (re.error, ValueError, OverflowError):
        return None
    return [i for i, name in enumerate(NAMES) if compiled.fullmatch(name)]


warnings.simplefilter("ignore")
cases = [{"pattern": p, "matches": verdict(p)} for p in dict.fromkeys(PATTERNS)]
text = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
names = json.dumps(NAMES, separators=(",", ":"))
(Path(__file__).parent / "pythonPatterns.json").write_text(f'{{"names":{names},\n"cases":[\n{text}\n]}}\n')
