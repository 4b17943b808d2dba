#pragma once
// The staff of a test shop: whoever sends the cookie of a name, with the permissions that the test gives. What they did is kept.
#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "stoa/http/staff.hpp"

namespace stoa::testing {

class Desk final : public http::StaffGate, public http::AuditLog {
public:
    static constexpr std::string_view kCookie = "test_staff";
    struct Entry {
        std::string who, action, resource, id, before, after;
    };

    // `limits`: where a permission ends.
    void hire(const std::string& name, std::vector<std::string> permissions,
              std::map<std::string, std::vector<Money>, std::less<>> limits = {}) {
        http::StaffActor actor;
        actor.id = http::StaffId::make();
        actor.name = name;
        actor.email = name + "@shop.example";
        std::ranges::sort(permissions);  // as an actor's are
        actor.permissions = std::move(permissions);
        actor.limits = std::move(limits);
        const std::lock_guard lock(mutex_);
        actors_[name] = std::move(actor);
    }
    Result<http::StaffActor> require(const http::Request& request, std::string_view permission) override {
        const auto name = request.cookie(kCookie);
        const std::lock_guard lock(mutex_);
        const auto actor = name ? actors_.find(std::string(*name)) : actors_.end();
        if (actor == actors_.end()) return fail(http::staff_login_required());
        if (!permission.empty() && !actor->second.may(permission)) return fail(http::staff_forbidden(permission));
        return actor->second;
    }
    void record(db::Tx&, const http::StaffActor& actor, const http::AuditEntry& entry) override {
        const std::lock_guard lock(mutex_);
        entries_.push_back({actor.name, entry.action, entry.resource, entry.id, entry.before_json, entry.after_json});
    }
    // Also of transactions that were rolled back.
    [[nodiscard]] std::vector<Entry> entries() {
        const std::lock_guard lock(mutex_);
        return entries_;
    }

private:
    std::mutex mutex_;
    std::map<std::string, http::StaffActor> actors_;
    std::vector<Entry> entries_;
};

}  // namespace stoa::testing
