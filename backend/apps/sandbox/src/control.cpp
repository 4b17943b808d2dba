#include "control.hpp"

#include <algorithm>
#include <fstream>
#include <thread>

#include "stoa/http/server.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::sandbox {

void describe(json::Struct<Fault>& d);
void describe(json::Struct<Fault>& d) {
    d.name("Fault");
    d.field<&Fault::provider>("provider").pattern("vendo|sendcloud|smtp|opensearch");
    d.field<&Fault::kind>("kind").pattern("down|error_before|error_after|slow|garbage|drop|too_many|partial");
    d.field<&Fault::count>("count").optional();
    d.field<&Fault::delay_ms>("delay_ms").min(0).max(120000).optional();
    d.field<&Fault::path>("path").optional();
}
void describe(json::Struct<CallRecord>& d);
void describe(json::Struct<CallRecord>& d) {
    d.name("Call");
    d.field<&CallRecord::at>("at");
    d.field<&CallRecord::provider>("provider");
    d.field<&CallRecord::method>("method");
    d.field<&CallRecord::path>("path");
    d.field<&CallRecord::status>("status");
    d.field<&CallRecord::note>("note");
}

namespace {
struct CallsDto {
    std::vector<CallRecord> items;
    std::vector<Fault> faults;
};
void describe(json::Struct<CallsDto>& d) {
    d.name("Calls");
    d.field<&CallsDto::items>("items");
    d.field<&CallsDto::faults>("faults");
}
struct AdvanceInput {
    std::int64_t hours = 0;
};
void describe(json::Struct<AdvanceInput>& d) {
    d.name("Advance");
    d.field<&AdvanceInput::hours>("hours").min(1).max(24 * 400);
}
}  // namespace

Control::Control(std::string clock_file) : clock_file_(std::move(clock_file)) {
    std::int64_t seconds = 0;
    if (!clock_file_.empty() && std::ifstream(clock_file_) >> seconds) seconds_ahead = seconds;
}

void Control::advance(std::int64_t hours) {
    {
        const std::lock_guard lock(mutex_);
        seconds_ahead += hours * 3600;
        if (!clock_file_.empty()) std::ofstream(clock_file_, std::ios::trunc) << seconds_ahead.load();
    }
    const std::lock_guard lock(listeners_mutex_);
    for (const auto& [id, listener] : listeners_) listener();
}

int Control::on_advance(std::function<void()> listener) {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.emplace_back(++next_listener_, std::move(listener));
    return next_listener_;
}

void Control::forget(int listener) {
    const std::lock_guard lock(listeners_mutex_);
    std::erase_if(listeners_, [&](const auto& entry) { return entry.first == listener; });
}

std::optional<Fault> Control::next_fault(std::string_view provider, std::string_view path) {
    const std::lock_guard lock(mutex_);
    for (auto it = faults_.begin(); it != faults_.end(); ++it) {
        if (it->provider != provider || (!it->path.empty() && path.find(it->path) == std::string_view::npos)) continue;
        const Fault fault = *it;
        if (it->count > 0 && --it->count == 0) faults_.erase(it);
        return fault;
    }
    return std::nullopt;
}

void Control::add_fault(Fault fault) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(std::move(fault));
}

void Control::record(CallRecord record) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(record));
    if (calls_.size() > 1000) calls_.pop_front();
}

std::vector<CallRecord> Control::calls() const {
    const std::lock_guard lock(mutex_);
    return {calls_.begin(), calls_.end()};
}
std::vector<Fault> Control::faults() const {
    const std::lock_guard lock(mutex_);
    return faults_;
}

void Control::forget_faults() {
    const std::lock_guard lock(mutex_);
    faults_.clear();
    calls_.clear();
}

void Control::reset() {
    forget_faults();
    const std::lock_guard lock(mutex_);
    seconds_ahead = 0;
    if (!clock_file_.empty()) std::ofstream(clock_file_, std::ios::trunc) << 0;
}

http::Handler with_faults(Control& control, std::string provider, http::Handler handler) {
    return [&control, provider = std::move(provider), handler = std::move(handler)](const http::Request& request) {
        const auto finish = [&](http::Response response, std::string note) {
            control.record({to_rfc3339(SystemClock().now()), provider, std::string(http::method_name(request.method)), request.path,
                            response.status, std::move(note)});
            return response;
        };
        const auto fault = control.next_fault(provider, request.path);
        if (!fault) return finish(handler(request), "");
        if (fault->delay_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(fault->delay_ms));
        if (fault->kind == "down") return finish(http::json_text(503, ""), "down");
        if (fault->kind == "error_before") return finish(http::json_text(500, "<html>Internal Server Error</html>"), "error before");
        auto response = handler(request);
        if (fault->kind == "error_after") return finish(http::json_text(500, "<html>Internal Server Error</html>"), "error after");
        if (fault->kind == "drop") return finish(http::json_text(http::kHangUp, ""), "drop");
        if (fault->kind == "garbage") return finish(http::json_text(200, "<html>maintenance</html>"), "garbage");
        return finish(std::move(response), "slow");
    };
}

void add_control_routes(http::Routes& routes, Control& control, std::function<void()> on_reset) {
    routes.post("/__sandbox/reset", "reset")
        .without_origin_check()
        .handle([&control, on_reset = std::move(on_reset)](const http::Request&) {
            control.reset();
            on_reset();
            return http::no_content();
        });
    routes.get("/__sandbox/calls", "calls").handle([&control](const http::Request&) {
        return http::ok(CallsDto{control.calls(), control.faults()});
    });
    const auto add_fault = [&control](const http::Request& request) {
        auto fault = http::body_as<Fault>(request);
        if (!fault) return http::problem(fault.error());
        const auto refused = [](std::string message) {
            return http::problem({ErrorKind::invalid, "sandbox.fault_useless", std::move(message), {}, {}, {}, 0});
        };
        if (fault->kind == "slow" && fault->delay_ms == 0) return refused("A slow answer needs delay_ms.");
        if (fault->count == 0 || fault->count < -1) return refused("count is 1 or more, or -1 for until reset.");
        control.add_fault(std::move(*fault));
        return http::no_content();
    };
    routes.post("/__sandbox/fail-next", "fail_next").without_origin_check().handle(add_fault);
    routes.post("/__sandbox/advance", "advance").without_origin_check().handle([&control](const http::Request& request) {
        const auto input = http::body_as<AdvanceInput>(request);
        if (!input) return http::problem(input.error());
        control.advance(input->hours);
        return http::no_content();
    });
}

}  // namespace stoa::sandbox
