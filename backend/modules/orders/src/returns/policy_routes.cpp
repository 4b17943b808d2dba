// How long goods may come back, and which may not.
#include <algorithm>

#include "after_sale/service.hpp"
#include "sql/returns.hpp"

namespace stoa::orders {
namespace {

struct PolicyExclusion {
    catalog::ProductId product_id;
    std::string reason;
};
void describe(json::Struct<PolicyExclusion>& d) {
    d.name("ReturnExclusion");
    d.field<&PolicyExclusion::product_id>("product_id");
    d.field<&PolicyExclusion::reason>("reason").not_blank().max_length(200);
}
struct PolicyDto {
    std::int64_t version = 1;
    std::int64_t days = 30;
    std::vector<PolicyExclusion> excluded;
};
void describe(json::Struct<PolicyDto>& d) {
    d.name("ReturnPolicy");
    d.field<&PolicyDto::version>("version", "As it was looked at; another one means that somebody was faster.").min(1);
    d.field<&PolicyDto::days>("days", "After the delivery.").min(14).max(365);
    d.field<&PolicyDto::excluded>("excluded", "Goods that do not come back.").max_length(1000);
}

}  // namespace

void Service::add_return_policy_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    const auto read_policy = [](db::Session& session) {
        PolicyDto out;
        for (const auto row : session.query(sql::read_return_policy)) {
            out.days = row.get<int>("days");
            out.version = row.get<std::int64_t>("version");
            if (const auto product = row.get<std::optional<catalog::ProductId>>("product_id"))
                out.excluded.push_back({*product, row.get<std::optional<std::string>>("reason").value_or("")});
        }
        return out;
    };
    routes.get("/api/v1/admin/return-policy", "get_return_policy")
        .summary("How long goods may come back, and which may not")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns<PolicyDto>()
        .fails({"staff.login_required", "staff.forbidden"})
        .handle([this, &gate, read_policy](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            return http::ok(deps_.database.read([&](db::Session& session) { return read_policy(session); }));
        });
    routes.put("/api/v1/admin/return-policy", "set_return_policy")
        .summary("Change how long goods may come back, and which may not")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<PolicyDto>()
        .returns<PolicyDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.product_unknown", "orders.return_policy_changed"})
        .handle([this, &gate, &audit, read_policy](const http::Request& request) {
            const auto actor = gate.require(request, "orders.return_policy");
            if (!actor) return http::problem(actor.error());
            const auto input = http::body_as<PolicyDto>(request);
            if (!input) return http::problem(input.error());
            std::vector<Uuid> products;
            std::vector<std::string> reasons;
            for (const auto& excluded : input->excluded) {
                if (std::ranges::find(products, excluded.product_id.uuid()) != products.end())
                    return http::problem(
                        {ErrorKind::invalid, "orders.product_unknown", "Each product that exists can be named once.", {}, {}, {}, 0});
                products.push_back(excluded.product_id.uuid());
                reasons.push_back(excluded.reason);
            }
            try {
                const auto saved = deps_.database.in_tx([&](db::Tx& tx) -> Result<PolicyDto> {
                    const auto before = read_policy(tx);
                    if (tx.exec(sql::set_return_days, static_cast<int>(input->days), input->version) == 0)
                        return fail(ErrorKind::conflict, "orders.return_policy_changed",
                                    "Somebody has changed the rules since you looked at them. Look again.");
                    tx.exec(sql::keep_return_exclusions, products);
                    tx.exec(sql::exclude_from_returns, products, reasons);
                    const auto after = read_policy(tx);
                    audit.record(tx, *actor, {"update", "return_policy", "1", json::render(before), json::render(after)});
                    return after;
                });
                if (!saved) return http::problem(saved.error());
                return http::ok(*saved);
            } catch (const db::ForeignKeyViolation&) {
                return http::problem(
                    {ErrorKind::invalid, "orders.product_unknown", "Each product that exists can be named once.", {}, {}, {}, 0});
            }
        });
}

}  // namespace stoa::orders
