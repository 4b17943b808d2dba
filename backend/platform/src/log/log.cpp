#include "stoa/log/log.hpp"

#include <unistd.h>

#include <fmt/format.h>
#include <atomic>

#include "http/text.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/json/value.hpp"
#include "stoa/text/text.hpp"

namespace stoa::log {
namespace {

std::atomic<Level> g_level{Level::info};
thread_local std::string t_request;
thread_local std::string t_trace;

const char* level_name(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
    }
    return "error";
}

// What other programs say (a database, a provider) need not be UTF-8, and a line that is none is lost to whoever reads the log.
std::string readable(std::string_view text) {
    if (http::is_utf8(text)) return std::string(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();) text::append_utf8(out, text::next_code_point(text, at));
    return out;
}

}  // namespace

void set_level(Level level) { g_level = level; }

void set_level(std::string_view name) {
    for (const auto level : {Level::debug, Level::info, Level::warning, Level::error}) {
        if (name == level_name(level)) g_level = level;
    }
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    if (level < g_level.load(std::memory_order_relaxed)) return;
    json::Writer out;
    out.begin_object();
    out.member("time", to_rfc3339(SystemClock().now()));
    out.member("level", level_name(level));
    out.member("message", readable(message));
    if (!t_request.empty()) out.member("request_id", readable(t_request));
    if (!t_trace.empty()) out.member("trace_id", t_trace);
    for (const auto& field : fields) {
        out.key(field.key);
        if (const auto* text = std::get_if<std::string>(&field.value))
            out.string(readable(*text));
        else if (const auto* number = std::get_if<std::int64_t>(&field.value))
            out.integer(*number);
        else if (const auto* real = std::get_if<double>(&field.value))
            out.raw(fmt::format("{:.6g}", *real));
        else
            out.boolean(std::get<bool>(field.value));
    }
    out.end_object();
    std::string line = out.take();
    line += '\n';
    // One write per line, so that lines of several threads and processes do not mix.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

Scope::Scope(std::string_view request_id, std::string_view trace_id)
    : previous_request_(std::move(t_request)), previous_trace_(std::move(t_trace)) {
    t_request = request_id;
    t_trace = trace_id;
}
Scope::~Scope() {
    t_request = std::move(previous_request_);
    t_trace = std::move(previous_trace_);
}
std::string_view current_request_id() { return t_request; }

}  // namespace stoa::log
