#pragma once
// One JSON object per line on stderr. Fields are key-value pairs; never put personal data or secrets in them.
// Thread-safe. The current request or job id is attached automatically (log::Scope).
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace stoa::log {

enum class Level { debug, info, warning, error };

struct Field {
    std::string_view key;
    std::variant<std::string, std::int64_t, double, bool> value;
    Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
    Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
    Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
    Field(std::string_view k, bool v) : key(k), value(v) {}
    Field(std::string_view k, double v) : key(k), value(v) {}
    template <class T>
        requires std::is_integral_v<T>
    Field(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

void set_level(Level level);
void set_level(std::string_view name);
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});
inline void debug(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::debug, m, f); }
inline void info(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::info, m, f); }
inline void warning(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::warning, m, f); }
inline void error(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::error, m, f); }

// While alive, every line of this thread carries request_id and trace_id.
class Scope {
public:
    Scope(std::string_view request_id, std::string_view trace_id);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

private:
    std::string previous_request_;
    std::string previous_trace_;
};
[[nodiscard]] std::string_view current_request_id();

}  // namespace stoa::log
