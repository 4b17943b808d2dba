#include "stoa/redis/redis.hpp"

#include <fmt/format.h>
#include <hiredis.h>

#include <charconv>
#include <cmath>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include "stoa/log/log.hpp"

namespace stoa::redis {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::string_view kPrefix = "stoa:v1:";
constexpr std::size_t kMaxIdle = 32;
constexpr std::size_t kMaxLocalBuckets = 20000;
constexpr auto kFirstPause = 100ms;
constexpr auto kLongestPause = 2s;

struct Address {
    std::string host = "127.0.0.1";
    int port = 6379;
    std::string user;
    std::string password;
    int database = 0;
};

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        int value = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
            out += static_cast<char>(value);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

int number_or_throw(std::string_view text, std::string_view url_part) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
        throw std::invalid_argument(fmt::format("Redis URL: {} is not a number", url_part));
    }
    return value;
}

// redis://[[user]:password@]host[:port][/database]
Address parse_url(std::string_view url) {
    constexpr std::string_view kScheme = "redis://";
    if (!url.starts_with(kScheme)) throw std::invalid_argument("Redis URL: expected redis://host:port/database");
    url.remove_prefix(kScheme.size());
    Address out;
    if (const auto at = url.rfind('@'); at != std::string_view::npos) {
        const auto credentials = url.substr(0, at);
        const auto colon = credentials.find(':');
        if (colon == std::string_view::npos) {
            out.user = percent_decoded(credentials);
        } else {
            out.user = percent_decoded(credentials.substr(0, colon));
            out.password = percent_decoded(credentials.substr(colon + 1));
        }
        url.remove_prefix(at + 1);
    }
    url = url.substr(0, url.find('?'));
    if (const auto slash = url.find('/'); slash != std::string_view::npos) {
        if (slash + 1 < url.size()) out.database = number_or_throw(url.substr(slash + 1), "the database");
        url = url.substr(0, slash);
    }
    if (url.starts_with('[')) {
        const auto close = url.find(']');
        if (close == std::string_view::npos) throw std::invalid_argument("Redis URL: ']' is missing");
        out.host = std::string(url.substr(1, close - 1));
        url.remove_prefix(close + 1);
        if (url.starts_with(':')) out.port = number_or_throw(url.substr(1), "the port");
        return out;
    }
    if (const auto colon = url.find(':'); colon != std::string_view::npos) {
        out.port = number_or_throw(url.substr(colon + 1), "the port");
        url = url.substr(0, colon);
    }
    if (!url.empty()) out.host = std::string(url);
    return out;
}

timeval to_timeval(std::chrono::milliseconds value) {
    return {static_cast<time_t>(value.count() / 1000), static_cast<suseconds_t>(value.count() % 1000 * 1000)};
}

struct ReplyDeleter {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyDeleter>;

struct ContextDeleter {
    void operator()(redisContext* context) const { redisFree(context); }
};
using Context = std::unique_ptr<redisContext, ContextDeleter>;

std::string_view text_of(const redisReply& reply) { return {reply.str == nullptr ? "" : reply.str, reply.str == nullptr ? 0 : reply.len}; }
bool is_error(const Reply& reply, std::string_view start) {
    return reply && reply->type == REDIS_REPLY_ERROR && text_of(*reply).starts_with(start);
}

using Args = std::vector<std::string>;

Reply command(redisContext& context, const Args& args) {
    std::vector<const char*> pointers;
    std::vector<std::size_t> sizes;
    pointers.reserve(args.size());
    sizes.reserve(args.size());
    for (const auto& arg : args) {
        pointers.push_back(arg.data());
        sizes.push_back(arg.size());
    }
    return Reply(static_cast<redisReply*>(redisCommandArgv(&context, static_cast<int>(args.size()), pointers.data(), sizes.data())));
}

// A bucket is {tokens, time}; Redis's own clock, so that hosts need not agree. Answers {allowed, milliseconds to wait}.
constexpr std::string_view kTakeScript = R"lua(
local capacity, rate, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
local state = redis.call('HMGET', KEYS[1], 'n', 'at')
local tokens = tonumber(state[1]) or capacity
local at = tonumber(state[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * rate / 1000)
local allowed, wait = 0, 0
if tokens >= cost then
  tokens = tokens - cost
  allowed = 1
elseif rate > 0 then
  wait = math.ceil((cost - tokens) * 1000 / rate)
else
  wait = 3600000
end
redis.call('HSET', KEYS[1], 'n', tostring(tokens), 'at', tostring(now))
local life = 3600000
if rate > 0 then life = math.ceil(capacity * 1000 / rate) + 1000 end
redis.call('PEXPIRE', KEYS[1], life)
return {allowed, wait}
)lua";

}  // namespace

struct Redis::Impl {
    Address address;
    std::chrono::milliseconds timeout;
    std::mutex mutex;
    std::vector<Context> idle;
    Steady::time_point not_before{};  // no attempt to connect earlier than this
    std::chrono::milliseconds pause = kFirstPause;
    bool away = false;
    std::string take_sha;

    std::mutex local_mutex;
    struct Bucket {
        double tokens;
        Steady::time_point at;
    };
    std::unordered_map<std::string, Bucket> local;

    Context connect() {
        Context context(redisConnectWithTimeout(address.host.c_str(), address.port, to_timeval(timeout)));
        if (!context || context->err != 0) return nullptr;
        redisSetTimeout(context.get(), to_timeval(timeout));
        redisEnableKeepAlive(context.get());
        const auto ok = [&](const Args& args) {
            const Reply reply = command(*context, args);
            return reply && reply->type != REDIS_REPLY_ERROR;
        };
        if (!address.password.empty()) {
            const bool accepted = address.user.empty() ? ok({"AUTH", address.password}) : ok({"AUTH", address.user, address.password});
            if (!accepted) return nullptr;
        }
        if (address.database != 0 && !ok({"SELECT", std::to_string(address.database)})) return nullptr;
        return context;
    }

    // A context that was used before (may have died meanwhile), or a new one; null while Redis is away.
    Context acquire(bool& reused) {
        {
            const std::lock_guard lock(mutex);
            if (!idle.empty()) {
                reused = true;
                Context context = std::move(idle.back());
                idle.pop_back();
                return context;
            }
            if (Steady::now() < not_before) return nullptr;
        }
        reused = false;
        Context context = connect();
        const std::lock_guard lock(mutex);
        if (context) {
            if (away) log::info("Redis answers again");
            away = false;
            pause = kFirstPause;
            not_before = {};
        } else {
            if (!away) log::warning("Redis is away");
            away = true;
            not_before = Steady::now() + pause;
            pause = std::min<std::chrono::milliseconds>(pause * 2, kLongestPause);
        }
        return context;
    }

    void release(Context context) {
        const std::lock_guard lock(mutex);
        if (idle.size() < kMaxIdle) idle.push_back(std::move(context));
    }

    void drop_idle() {
        const std::lock_guard lock(mutex);
        idle.clear();
    }

    // Null when Redis is away. A reused connection that turns out dead is replaced once; `block` is added to the time-out.
    Reply run(const Args& args, std::chrono::milliseconds block = 0ms) {
        for (int attempt = 0; attempt < 2; ++attempt) {
            bool reused = false;
            Context context = acquire(reused);
            if (!context) return nullptr;
            if (block > 0ms) redisSetTimeout(context.get(), to_timeval(block + timeout));
            const auto before = Steady::now();
            Reply reply = command(*context, args);
            if (reply) {
                if (block > 0ms) redisSetTimeout(context.get(), to_timeval(timeout));
                release(std::move(context));
                return reply;
            }
            // The others are as old as this one. A time-out is no sign of a stale connection: asking again would double the wait.
            const bool stale = reused && Steady::now() - before < timeout;
            drop_idle();
            if (!stale) {
                const std::lock_guard lock(mutex);
                not_before = Steady::now() + kFirstPause;
                if (!away) log::warning("Redis is away");
                away = true;
                return nullptr;
            }
        }
        return nullptr;
    }

    Allowance take_locally(std::string_view bucket, Limit limit, int cost) {
        const std::lock_guard lock(local_mutex);
        const auto now = Steady::now();
        if (local.size() >= kMaxLocalBuckets) {
            std::erase_if(local, [&](const auto& entry) {
                return entry.second.tokens + std::chrono::duration<double>(now - entry.second.at).count() * limit.per_second >=
                       limit.capacity;
            });
            if (local.size() >= kMaxLocalBuckets) local.clear();
        }
        auto [found, fresh] = local.try_emplace(std::string(bucket), Bucket{static_cast<double>(limit.capacity), now});
        Bucket& state = found->second;
        state.tokens =
            std::min<double>(limit.capacity, state.tokens + std::chrono::duration<double>(now - state.at).count() * limit.per_second);
        state.at = now;
        if (state.tokens >= cost) {
            state.tokens -= cost;
            return {true, 0};
        }
        if (limit.per_second <= 0) return {false, 3600};
        return {false, std::max(1, static_cast<int>(std::ceil((cost - state.tokens) / limit.per_second)))};
    }
};

namespace {
std::string full(std::string_view key) { return std::string(kPrefix) + std::string(key); }
bool succeeded(const Reply& reply) { return reply && reply->type != REDIS_REPLY_ERROR && reply->type != REDIS_REPLY_NIL; }
}  // namespace

Redis::Redis(std::string url, std::chrono::milliseconds timeout) : impl_(std::make_unique<Impl>()) {
    impl_->address = parse_url(url);
    impl_->timeout = timeout;
}

Redis::~Redis() = default;

bool Redis::ping() noexcept {
    try {
        return succeeded(impl_->run({"PING"}));
    } catch (...) {
        return false;
    }
}

std::optional<std::string> Redis::get(std::string_view key) {
    const Reply reply = impl_->run({"GET", full(key)});
    if (!reply || reply->type != REDIS_REPLY_STRING) return std::nullopt;
    return std::string(text_of(*reply));
}

bool Redis::set(std::string_view key, std::string_view value, std::chrono::seconds ttl) {
    return succeeded(impl_->run({"SET", full(key), std::string(value), "EX", std::to_string(ttl.count())}));
}

bool Redis::set_if_absent(std::string_view key, std::string_view value, std::chrono::seconds ttl) {
    return succeeded(impl_->run({"SET", full(key), std::string(value), "EX", std::to_string(ttl.count()), "NX"}));
}

bool Redis::erase(std::string_view key) {
    const Reply reply = impl_->run({"DEL", full(key)});
    return reply && reply->type == REDIS_REPLY_INTEGER && reply->integer > 0;
}

bool Redis::publish(std::string_view channel, std::string_view message) {
    return succeeded(impl_->run({"PUBLISH", full(channel), std::string(message)}));
}

bool Redis::stream_add(std::string_view stream, const std::vector<std::pair<std::string, std::string>>& fields, std::int64_t max_length) {
    Args args{"XADD", full(stream), "MAXLEN", "~", std::to_string(max_length), "*"};
    for (const auto& [name, value] : fields) {
        args.push_back(name);
        args.push_back(value);
    }
    return succeeded(impl_->run(args));
}

bool Redis::ensure_group(std::string_view stream, std::string_view group) {
    const Reply reply = impl_->run({"XGROUP", "CREATE", full(stream), std::string(group), "0", "MKSTREAM"});
    return succeeded(reply) || is_error(reply, "BUSYGROUP");
}

std::vector<StreamEntry> Redis::stream_read_group(std::string_view stream, std::string_view group, std::string_view consumer, int count,
                                                  std::chrono::milliseconds block) {
    Args args{"XREADGROUP", "GROUP", std::string(group), std::string(consumer), "COUNT", std::to_string(count)};
    if (block > 0ms) {
        args.emplace_back("BLOCK");
        args.push_back(std::to_string(block.count()));
    }
    args.insert(args.end(), {"STREAMS", full(stream), ">"});
    Reply reply = impl_->run(args, block);
    if (is_error(reply, "NOGROUP") || is_error(reply, "UNBLOCKED")) {
        if (!ensure_group(stream, group)) return {};
        reply = impl_->run(args, block);
    }
    std::vector<StreamEntry> out;
    if (!reply || reply->type != REDIS_REPLY_ARRAY) return out;
    // [[stream, [[id, [name, value, ...]], ...]]]
    for (std::size_t s = 0; s < reply->elements; ++s) {
        const redisReply* one = reply->element[s];
        if (one->type != REDIS_REPLY_ARRAY || one->elements != 2 || one->element[1]->type != REDIS_REPLY_ARRAY) continue;
        const redisReply* entries = one->element[1];
        for (std::size_t e = 0; e < entries->elements; ++e) {
            const redisReply* entry = entries->element[e];
            if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2) continue;
            StreamEntry item;
            item.id = std::string(text_of(*entry->element[0]));
            const redisReply* fields = entry->element[1];
            if (fields->type == REDIS_REPLY_ARRAY) {
                for (std::size_t f = 0; f + 1 < fields->elements; f += 2) {
                    item.fields.emplace_back(text_of(*fields->element[f]), text_of(*fields->element[f + 1]));
                }
            }
            out.push_back(std::move(item));
        }
    }
    return out;
}

bool Redis::stream_ack(std::string_view stream, std::string_view group, const std::vector<std::string>& ids) {
    if (ids.empty()) return true;
    Args args{"XACK", full(stream), std::string(group)};
    args.insert(args.end(), ids.begin(), ids.end());
    return succeeded(impl_->run(args));
}

bool Redis::stream_drop_consumer(std::string_view stream, std::string_view group, std::string_view consumer) {
    return succeeded(impl_->run({"XGROUP", "DELCONSUMER", full(stream), std::string(group), std::string(consumer)}));
}

Redis::Allowance Redis::take(std::string_view bucket, Limit limit, int cost) {
    const std::string key = full(fmt::format("bucket:{}", bucket));
    const auto run = [&](std::string_view how, std::string_view what) {
        return impl_->run({std::string(how), std::string(what), "1", key, std::to_string(limit.capacity),
                           fmt::format("{}", limit.per_second), std::to_string(cost)});
    };
    std::string sha;
    {
        const std::lock_guard lock(impl_->mutex);
        sha = impl_->take_sha;
    }
    if (sha.empty()) {
        const Reply loaded = impl_->run({"SCRIPT", "LOAD", std::string(kTakeScript)});
        if (loaded && loaded->type == REDIS_REPLY_STRING) {
            sha = std::string(text_of(*loaded));
            const std::lock_guard lock(impl_->mutex);
            impl_->take_sha = sha;
        }
    }
    Reply reply;
    if (!sha.empty()) reply = run("EVALSHA", sha);
    // Redis was restarted and forgot the script; EVAL makes it known again.
    if (is_error(reply, "NOSCRIPT")) reply = run("EVAL", kTakeScript);
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) return impl_->take_locally(bucket, limit, cost);
    if (reply->element[0]->integer == 1) return {true, 0};
    return {false, std::max(1, static_cast<int>((reply->element[1]->integer + 999) / 1000))};
}

}  // namespace stoa::redis
