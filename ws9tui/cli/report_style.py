"""The style sheet of an HTML report: light or dark as the reader's system prefers, and for print."""

from __future__ import annotations

STYLE = """
:root {
  --ground: #ffffff; --panel: #f5f6f8; --line: #d4d8de; --text: #1c2127; --soft: #59626d;
  --good: #1a7f45; --bad: #b3261e; --neutral: #59626d;
  --done: #3a6ea5; --failed: #b3261e; --away: #c2410c; --checked: #a67c00; --well: #1a7f45;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --panel: #1c2127; --line: #343b45; --text: #e3e7ec; --soft: #9aa5b1;
    --good: #57c98a; --bad: #ff8a80; --neutral: #9aa5b1;
    --done: #6ca4de; --failed: #ff8a80; --away: #fb923c; --checked: #e0b93a; --well: #57c98a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 70rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif;
}
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2.2rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); font-size: 1.15rem; }
h3 { margin: 1.2rem 0 .4rem; font-size: .95rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; }
.end { margin: .6rem 0; padding-left: .7rem; border-left: .3rem solid var(--neutral); font-size: 1.15rem; }
.end.good { border-color: var(--good); color: var(--good); }
.end.bad { border-color: var(--bad); color: var(--bad); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { padding: .3rem 1rem .3rem 0; color: var(--soft); font-weight: 500; text-align: left; white-space: nowrap; }
td { padding: .3rem 1rem .3rem 0; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td.short { white-space: nowrap; }
pre {
  margin: 0; padding: .7rem .9rem; overflow-x: auto; border: 1px solid var(--line); border-radius: .3rem;
  background: var(--panel); font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono", monospace;
}
.row, .axis { display: grid; grid-template-columns: 17rem 1fr 14rem; gap: 0 1rem; align-items: center; }
.row { padding: .2rem 0; }
.name { font-size: .9rem; line-height: 1.3; overflow-wrap: anywhere; }
.told { color: var(--soft); font-size: .85rem; line-height: 1.3; }
.track { position: relative; display: block; height: 1rem; border-radius: .15rem; background: var(--panel); }
.axis .track { height: 1.3rem; background: none; }
.axis i {
  position: absolute; transform: translateX(-50%); color: var(--soft); font-size: .75rem; font-style: normal;
  font-variant-numeric: tabular-nums;
}
.axis i:first-child { transform: none; }
.axis i:last-child:not(:first-child) { transform: translateX(-100%); }
.bar {
  position: absolute; top: 0; display: block; height: 1rem; border-radius: .15rem; background: var(--done);
  -webkit-print-color-adjust: exact; print-color-adjust: exact;
}
.bar.failed, .bar.unwell {
  background: repeating-linear-gradient(45deg, var(--failed) 0 4px, transparent 4px 7px);
  border: 1px solid var(--failed);
}
.bar.open {
  background: repeating-linear-gradient(90deg, var(--away) 0 5px, transparent 5px 8px); border: 1px solid var(--away);
}
.bar.away { background: var(--away); }
.bar.checked { background: none; border: 2px solid var(--checked); }
.bar.well { top: .3rem; height: .4rem; background: var(--well); }
.break { position: absolute; top: 0; width: 0; height: 1rem; border-left: 2px dotted var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; margin: .3rem 0 0; color: var(--soft); font-size: .85rem; }
.legend b { position: static; display: inline-block; width: 1.4rem; height: .8rem; vertical-align: -.1rem; }
.legend .bar.well { height: .4rem; vertical-align: .1rem; }
.legend .break { width: 0; margin: 0 .3rem; }
footer { margin-top: 2.5rem; padding-top: .6rem; border-top: 1px solid var(--line); color: var(--soft); }
footer, .legend { font-size: .85rem; }
@media (max-width: 44rem) {
  .row { grid-template-columns: 1fr; }
  .axis { grid-template-columns: 1fr; }
  .axis > span:empty { display: none; }
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: .4rem; }
}
@page { margin: 1.5cm; }
@media print {
  :root {
    --ground: #ffffff; --panel: #f2f2f2; --line: #bbbbbb; --text: #000000; --soft: #444444;
    --good: #1a7f45; --bad: #b3261e; --neutral: #444444;
    --done: #3a6ea5; --failed: #b3261e; --away: #c2410c; --checked: #a67c00; --well: #1a7f45;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .wide { overflow: visible; }
  .row, .axis { grid-template-columns: 11rem 1fr 11rem; }
  .axis i:nth-child(even) { display: none; }
  h2, h3 { break-after: avoid; }
  .row, tr { break-inside: avoid; }
}
"""
