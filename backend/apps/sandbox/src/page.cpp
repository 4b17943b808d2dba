#include "page.hpp"

#include <fmt/format.h>

#include "control.hpp"

namespace stoa::sandbox {
namespace {

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--paper:#fbfaf8;--card:#fff;--ink:#23211f;--quiet:#6b6660;--line:#e4e0da;--accent:#2f5d50;--soft:#eef3f0}
@media(prefers-color-scheme:dark){:root{--paper:#191a1b;--card:#222426;--ink:#ebe8e3;--quiet:#a09b94;--line:#36393b;--accent:#8fc4b2;--soft:#243029}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header{border-bottom:1px solid var(--line);background:var(--card)}
header nav{max-width:60rem;margin:auto;padding:.35rem 1rem;display:flex;flex-wrap:wrap;gap:0 1.2rem}
header a{color:var(--quiet);text-decoration:none;padding:.6rem 0}
header a:first-child{color:var(--ink);font-weight:600}
header a:hover{color:var(--accent)}
main{max-width:60rem;margin:auto;padding:1.2rem 1rem 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:.6rem 0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2.2rem 0 .6rem}
a{color:var(--accent)}
a:focus-visible,button:focus-visible,summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.lead{font-size:1.1rem;margin:.4rem 0}
.quiet,time{color:var(--quiet);font-size:.9rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.8rem;padding:0;list-style:none}
.cards a{display:block;height:100%;padding:.9rem 1rem;background:var(--card);border:1px solid var(--line);border-radius:.7rem;text-decoration:none;color:inherit}
.cards a:hover{border-color:var(--accent)}
.cards strong{display:block;color:var(--accent)}
.rows{list-style:none;padding:0;margin:1rem 0;background:var(--card);border:1px solid var(--line);border-radius:.7rem;overflow:hidden}
.rows li+li{border-top:1px solid var(--line)}
.rows a{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,15rem) 10.5rem;gap:.1rem 1rem;padding:.7rem 1rem;text-decoration:none;color:inherit}
.rows a:hover{background:var(--soft)}
.rows strong,.rows span{overflow-wrap:anywhere}
.rows strong{font-weight:600}
.rows span{color:var(--quiet)}
.rows time{text-align:right}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.45rem .8rem .45rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td:first-child code{white-space:nowrap}
th{color:var(--quiet);font-weight:500;font-size:.9rem}
code,pre{font:.9em/1.5 ui-monospace,SFMono-Regular,Menlo,monospace}
pre{background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:.8rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere}
iframe{width:100%;height:70vh;border:1px solid var(--line);border-radius:.7rem;background:#fff}
dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .9rem;margin:.6rem 0 1rem}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:anywhere}
button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.55rem .9rem;cursor:pointer}
button:hover{border-color:var(--accent)}
.top{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between}
.steps{padding:0 0 0 1.1rem;margin:1.2rem 0;border-left:2px solid var(--line);list-style:none}
.steps li{margin:.7rem 0;position:relative}
.steps li::before{content:"";position:absolute;left:-1.55rem;top:.45rem;width:.75rem;height:.75rem;border-radius:50%;background:var(--line)}
.steps li:first-child::before{background:var(--accent)}
.steps time{display:block}
summary{cursor:pointer;padding:.4rem 0}
@media(max-width:40rem){.rows a{grid-template-columns:1fr}.rows time{text-align:left}iframe{height:60vh}}
)css";

}  // namespace

http::Response page(std::string_view title, std::string_view body, int status) {
    http::Response response;
    response.status = status;
    response.header("content-type", "text/html; charset=utf-8");
    response.body = fmt::format(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
        "<link rel=icon href='data:,'><title>{0} · Sandbox</title><style>{1}</style><header><nav aria-label=Sandbox><a "
        "href='/'>Sandbox</a><a href='/mail'>Inbox</a><a href='/__sandbox/vendo/transactions'>Payments</a><a "
        "href='/__sandbox/sendcloud/parcels'>Parcels</a></nav></header><main><h1>{0}</h1>{2}</main></html>",
        escape_html(title), kStyle, body);
    return response;
}

std::string people_time(Timestamp at) {
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::string text = to_rfc3339(at);
    return fmt::format("{} {} {}, {} UTC", std::stoi(text.substr(8, 2)), kMonths[std::stoi(text.substr(5, 2)) - 1], text.substr(0, 4),
                       text.substr(11, 5));
}

}  // namespace stoa::sandbox
