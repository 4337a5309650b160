/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the page for a browser looks, and the few lines of script it has: without them everything but copying works. */
#pragma once

#define PAGE_STYLE                                                                                                     \
	":root{color-scheme:light dark;--text:#1a1d21;--dim:#5b6470;--page:#fff;--box:#f3f5f7;--line:#d3d9df;"         \
	"--bad:#b3261e;--good:#1b6e3c;--unsure:#8a5a00;--other:#33658a}\n"                                             \
	"@media(prefers-color-scheme:dark){:root{--text:#e6e9ec;--dim:#9aa5b1;--page:#14171a;--box:#1f2429;"           \
	"--line:#39424b;--bad:#ff8a80;--good:#7fd6a0;--unsure:#e8b860;--other:#8fbfe0}}\n"                             \
	"body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}\n"                 \
	"main{max-width:60rem;margin:0 auto;padding:1rem}\n"                                                           \
	"header{border-left:.4rem solid var(--unsure);padding:.2rem 1rem;background:var(--box)}\n"                     \
	"header.loss-yes{border-color:var(--bad)}header.loss-no{border-color:var(--good)}\n"                           \
	"h1{font-size:1.3rem;line-height:1.35;margin:.5rem 0;overflow-wrap:anywhere}\n"                                \
	"h2{font-size:1.1rem;margin:1.6rem 0 .5rem}h3{font-size:1rem;margin:1.2rem 0 .4rem;overflow-wrap:anywhere}\n"  \
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}\n"                           \
	"th,td{text-align:left;padding:.2rem .6rem .2rem 0;border-bottom:1px solid var(--line);vertical-align:top;"    \
	"font-weight:normal}thead th{color:var(--dim)}.count{text-align:right}.number,.count{font-variant-numeric:"    \
	"tabular-nums;white-space:nowrap}\n"                                                                           \
	"tr.lost,tr.lost th{color:var(--bad);font-weight:bold}tr.reason{font-weight:bold}tr.unseen,.about{color:"      \
	"var(--dim)}\n"                                                                                                \
	".fact{margin:.3rem 0 .3rem 6rem;overflow-wrap:anywhere}.fact b{float:left;margin-left:-6rem;width:5.5rem}\n"  \
	".item{margin:.2rem 0;padding-left:1rem;border-left:2px solid var(--line);overflow-wrap:anywhere}\n"           \
	".about{font-size:.85rem;margin:.3rem 0;overflow-wrap:anywhere}\n"                                             \
	".command{position:relative;background:var(--box);margin:.4rem 0}pre{margin:0;padding:.6rem;overflow-x:auto;"  \
	"font:.85rem/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}\n"                       \
	".command button{position:absolute;right:.3rem;top:.3rem;font:inherit;font-size:.75rem}\n"                     \
	"figure{margin:.8rem 0}svg{width:100%;height:auto;display:block}figcaption{color:var(--dim);"                  \
	"font-size:.85rem}\n"                                                                                          \
	".bar0{fill:var(--bad)}.bar1{fill:var(--other)}.axis{stroke:var(--line)}svg text{fill:var(--text);"            \
	"font:13px system-ui,sans-serif}svg .scale{fill:var(--dim);font-size:12px}\n"                                  \
	"@media(max-width:32rem){.fact{margin-left:0}.fact b{float:none;margin:0;display:block}svg text,svg .scale"    \
	"{font-size:22px}}\n"                                                                                          \
	"@media print{.command button,summary{display:none}body{background:#fff;color:#000}figure,table{break-inside:" \
	"avoid}}\n"

#define PAGE_SCRIPT                                                                                                  \
	"for(const box of document.querySelectorAll('.command')){const button=box.querySelector('button');\n"        \
	"const text=box.querySelector('pre');button.hidden=false;button.addEventListener('click',async()=>{\n"       \
	"try{await navigator.clipboard.writeText(text.textContent)}catch(error){const range=document.createRange();" \
	"\nrange.selectNodeContents(text);getSelection().removeAllRanges();getSelection().addRange(range);\n"        \
	"document.execCommand('copy')}button.textContent='copied';setTimeout(()=>{button.textContent='copy'},1500)})}\n"
