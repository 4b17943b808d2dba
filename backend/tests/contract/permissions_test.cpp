// Who may do what at the back office: every route of the document, asked as nobody, as a customer, as each built-in role, as one without
// any right, and above the amount that a role ends at.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <set>

#include "stage.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

using Operation = Document::Operation;

constexpr std::string_view kEverybody = "everybody";  // without a session: that is how one begins
constexpr std::string_view kStaff = "staff";          // any of the staff: what it shows depends on who asks
constexpr std::string_view kHalf = "half";            // a session that still needs its second factor

// A new route gets its line here, with the permission that its handler asks for. {resource} and {action} come from the path.
const std::map<std::string, std::string_view>& declared() {
    static const std::map<std::string, std::string_view> table{
        {"staff_sign_in", kEverybody},
        {"staff_sign_out", kEverybody},
        {"ask_for_passkey", kEverybody},
        {"sign_in_with_passkey", kEverybody},
        {"staff_second_factor", kHalf},
        {"get_staff_session", kStaff},
        {"list_staff_sessions", kStaff},
        {"end_staff_session", kStaff},
        {"change_staff_password", kStaff},
        {"get_totp", kStaff},
        {"enrol_totp", kStaff},
        {"confirm_totp", kStaff},
        {"remove_totp", kStaff},
        {"list_passkeys", kStaff},
        {"begin_passkey", kStaff},
        {"add_passkey", kStaff},
        {"remove_passkey", kStaff},
        {"list_resources", kStaff},
        {"preview_promotion", "promotions.read"},
        {"preview_page", "pages.read"},
        {"list_saved_views", kStaff},
        {"save_view", kStaff},
        {"remove_saved_view", kStaff},
        {"search_everything", kStaff},
        {"list_resource_rows", "{resource}.read"},
        {"get_resource_row", "{resource}.read"},
        {"get_resource_history", "{resource}.read"},
        {"create_resource_row", "{resource}.create"},
        {"update_resource_row", "{resource}.update"},
        {"delete_resource_row", "{resource}.delete"},
        {"run_resource_action", "{resource}.{action}"},
        {"preview_resource_action", "{resource}.{action}"},
        {"export_resource", "{resource}.export"},
        {"import_resource", "{resource}.import"},
        {"get_admin_home", "home.read"},
        {"list_failed_jobs", "jobs.read"},
        {"replay_failed_job", "jobs.replay"},
        {"upload_picture", "media.create"},
        {"list_orders", "orders.read"},
        {"get_order", "orders.read"},
        {"get_order_money", "orders.read"},
        {"add_order_note", "orders.update"},
        {"set_order_tags", "orders.update"},
        {"edit_order", "orders.edit"},
        {"preview_order_edit", "orders.edit"},
        {"preview_refund", "orders.refund"},
        {"refund_order", "orders.refund"},
        {"pay_out_order", "orders.refund"},
        {"list_payment_cases", "orders.read"},
        {"list_order_payment_cases", "orders.read"},
        {"get_payment_case", "orders.read"},
        {"resolve_payment_case", "orders.reconcile"},
        {"propose_shipments", "orders.read"},
        {"create_shipments", "orders.ship"},
        {"announce_shipments", "orders.ship"},
        {"get_shipment", "orders.read"},
        {"correct_shipment", "orders.ship"},
        {"cancel_shipment", "orders.ship"},
        {"hand_over_shipment", "orders.ship"},
        {"send_shipment_by_hand", "orders.ship"},
        {"end_shipment_by_hand", "orders.ship"},
        {"list_order_delivery_options", "orders.read"},
        {"list_order_service_points", "orders.read"},
        {"book_in_shipment", "orders.ship"},
        {"get_shipment_label", "orders.ship"},
        {"get_shipment_labels", "orders.ship"},
        {"set_customs_data", "orders.ship"},
        {"get_picking_list", "orders.read"},
        {"list_returns", "orders.read"},
        {"get_return", "orders.read"},
        {"approve_return", "orders.returns"},
        {"reject_return", "orders.returns"},
        {"receive_return", "orders.returns"},
        {"close_return", "orders.returns"},
        {"open_return", "orders.returns"},
        {"refund_return", "orders.refund"},
        {"get_return_policy", "orders.read"},
        {"set_return_policy", "orders.return_policy"},
        {"admin_list_order_documents", "orders.read"},
        {"admin_get_document_pdf", "orders.read"},
        {"admin_get_document_xml", "orders.read"},
        {"admin_send_document", "orders.update"},
        {"admin_list_webhooks", "webhooks.read"},
        {"admin_create_webhook", "webhooks.update"},
        {"admin_change_webhook", "webhooks.update"},
        {"admin_remove_webhook", "webhooks.update"},
        {"admin_list_webhook_deliveries", "webhooks.read"},
        {"admin_rotate_webhook_secret", "webhooks.update"},
        {"admin_renew_webhook_token", "webhooks.update"},
        {"admin_ping_webhook", "webhooks.update"},
        {"admin_replay_webhooks", "webhooks.update"},
        {"cancel_order", "orders.edit"},
        {"get_order_due", "orders.read"},
        {"charge_order_due", "orders.edit"},
        {"send_order_payment_link", "orders.edit"},
        {"split_shipment", "orders.ship"},
        {"exchange_return", "orders.returns"},
        {"make_return_label", "orders.returns"},
        {"admin_get_return_label", "orders.read"},
        {"admin_get_return_photo", "orders.read"},
        {"list_gift_cards", "gift_cards.read"},
        {"get_gift_card", "gift_cards.read"},
        {"issue_gift_card", "gift_cards.issue"},
        {"block_gift_card", "gift_cards.block"},
        {"get_customer_store_credit", "gift_cards.read"},
        {"grant_store_credit", "gift_cards.issue"},
    };
    return table;
}
// Moves money, up to the role's amount.
const std::set<std::string> kWithAmount{"refund_order",       "pay_out_order", "refund_return", "issue_gift_card",
                                        "grant_store_credit", "cancel_order",  "edit_order",    "resolve_payment_case"};

constexpr const char* kPassword = "correct horse battery";

class Permissions : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }

    // Somebody with one role: at the routes of all modules, whichever gate they ask.
    struct Member {
        std::unique_ptr<Shopper> who;
        http::StaffActor actor;
        std::string email;
    };
    Member hire(const std::string& role) {
        Member out;
        out.email = role + "@example.test";
        static const std::string hash = crypto::hash_password(kPassword);
        auto& shop = *stage.world.shop;
        shop.database.in_tx([&](db::Tx& tx) {
            ASSERT_TRUE(shop.staff->add(tx, {out.email, role, hash, false, {role}}));
            for (const auto row : tx.run_text("select permissions from backoffice.role where code = '" + role + "'"))
                out.actor.permissions = row.get<std::vector<std::string>>("permissions");
            for (const auto row :
                 tx.run_text("select l.key as permission, (a.value ->> 'amount')::bigint as amount, a.value ->> 'currency' as "
                             "currency from backoffice.role r, jsonb_each(r.limits) l, jsonb_array_elements(l.value) a "
                             "where r.code = '" +
                             role + "'"))
                out.actor.limits[row.get<std::string>("permission")].push_back(row.money("amount"));
        });
        std::ranges::sort(out.actor.permissions);
        stage.world.desk.hire(role, out.actor.permissions, out.actor.limits);
        sign_in(out, role);
        return out;
    }
    void sign_in(Member& member, const std::string& role) {
        member.who = std::make_unique<Shopper>(*stage.world.shop);
        member.who->cookies[std::string(Desk::kCookie)] = role;
        const auto answer =
            member.who->post("/api/v1/admin/session", fmt::format(R"({{"email":"{}","password":"{}"}})", member.email, kPassword));
        ASSERT_EQ(answer.status, 200) << answer.text;
    }
    void make_role(const std::string& code, const std::string& permissions, const std::string& limits = "{}") {
        stage.world.shop->database.in_tx([&](db::Tx& tx) {
            tx.run_text("insert into backoffice.role (code, name, permissions, limits) values ('" + code + "', 'A role', '{" + permissions +
                        "}', '" + limits + "')");
        });
    }
    static std::string permission_of(const Operation& operation, const Ask& ask) {
        std::string out(declared().at(operation.id));
        for (const auto* name : {"resource", "action"}) {
            const auto at = out.find(fmt::format("{{{}}}", name));
            if (at == std::string::npos) continue;
            std::string value;
            if (const auto given = ask.params.find(name); given != ask.params.end()) value = given->second;
            if (const auto body = json::parse(ask.body); value.empty() && body) value = body->text_or(name);
            out.replace(at, std::string(name).size() + 2, value);
        }
        return out;
    }
    std::vector<Operation> admin_operations() {
        std::vector<Operation> out;
        for (const auto& operation : stage.document.operations()) {
            if (operation.path.starts_with("/api/v1/admin/")) out.push_back(operation);
        }
        return out;
    }
    Stage stage;
};

TEST_F(Permissions, every_route_asks_for_the_permission_that_is_declared_here) {
    make_role("nobody", "");
    std::map<std::string, Member> members;
    for (const auto* role : {"administrator", "clerk", "merchandiser", "nobody"}) members.emplace(role, hire(role));
    int refused = 0, let_in = 0;
    std::set<std::string> seen;
    for (const auto& operation : admin_operations()) {
        SCOPED_TRACE(operation.id);
        seen.insert(operation.id);
        if (!declared().contains(operation.id)) {
            ADD_FAILURE() << operation.method << " " << operation.path << " has no line in permissions_test.cpp: who may use it?";
            continue;
        }
        EXPECT_EQ(operation.needs_login(), declared().at(operation.id) != kEverybody);
        const auto good = stage.ask(operation.id);
        const auto permission = permission_of(operation, good);
        if (permission == kEverybody) continue;
        stage.world.work();
        const auto before = stage.state();
        const auto refuse = [&](Shopper& who, int status, const std::string& code, const std::string& as) {
            auto ask = good;
            ask.who = &who;
            const auto answer = stage.send(operation, ask);
            EXPECT_EQ(answer.status, status) << as << ": " << answer.text.substr(0, 300);
            EXPECT_EQ(answer.body.text_or("code"), code) << as;
            if (code == "staff.forbidden") {
                EXPECT_EQ(answer.body.text_or("permission"), permission) << as;
            }
            ++refused;
        };
        Shopper stranger(*stage.world.shop);
        refuse(stranger, 401, "staff.login_required", "nobody");
        Shopper customer(*stage.world.shop);
        customer.cookies = stage.eve->cookies;
        refuse(customer, 401, "staff.login_required", "a customer");
        // Nor does their session when it is sent as if it were one of the staff's.
        for (const auto& [name, value] : stage.eve->cookies) {
            Shopper disguised(*stage.world.shop);
            disguised.cookies["stoa_staff"] = value;
            disguised.cookies[std::string(Desk::kCookie)] = value;
            refuse(disguised, 401, "staff.login_required", "a customer with " + name);
        }
        if (permission != kStaff && permission != kHalf) {
            for (auto& [role, member] : members) {
                if (!member.actor.may(permission)) refuse(*member.who, 403, "staff.forbidden", role);
            }
        }
        EXPECT_EQ(stage.state(), before) << "what was refused has changed something";
        for (auto& [role, member] : members) {
            if (permission != kStaff && permission != kHalf && !member.actor.may(permission)) continue;
            auto ask = good;
            ask.who = member.who.get();
            if (!ask.key.empty()) ask.key = Uuid::v7().to_string();
            const auto answer = stage.send(operation, ask);
            // The row may be gone or changed by whoever asked before, but nobody is told that they may not.
            EXPECT_TRUE(answer.status != 403 || answer.body.text_or("code") == "staff.over_limit")
                << role << ": " << answer.text.substr(0, 300);
            EXPECT_NE(answer.body.text_or("code"), "staff.login_required") << role;
            EXPECT_LT(answer.status, 500) << role;
            ++let_in;
            if (member.who->get("/api/v1/admin/session").status != 200) {
                stage.world.shop->database.in_tx([&](db::Tx& tx) {
                    tx.run_text("update backoffice.staff set password_hash = '" + crypto::hash_password(kPassword) + "' where email = '" +
                                member.email + "'");
                });
                sign_in(member, role);
            }
        }
        stage.forget_limits();
    }
    for (const auto& [id, permission] : declared()) EXPECT_TRUE(seen.contains(id)) << id << " is declared and is no route";
    EXPECT_GT(refused, 200);
    EXPECT_GT(let_in, 100);
}

TEST_F(Permissions, every_resource_is_open_exactly_as_far_as_the_role_goes) {
    make_role("nobody", "");
    struct Named {
        std::string name;
        std::vector<std::string> actions;
    };
    std::vector<Named> resources;
    const auto all = stage.boss->get("/api/v1/admin/resources");
    for (const auto& resource : all.body.find("resources")->items()) {
        Named& named = resources.emplace_back();
        named.name = resource.text_or("name");
        for (const auto& action : resource.find("actions")->items()) named.actions.push_back(action.text_or("name"));
    }
    ASSERT_GE(resources.size(), 19U);
    for (const auto* role : {"administrator", "clerk", "merchandiser", "nobody"}) {
        auto member = hire(role);
        std::set<std::string> shown;
        const auto own = member.who->get("/api/v1/admin/resources");
        for (const auto& resource : own.body.find("resources")->items()) shown.insert(resource.text_or("name"));
        for (const auto& [name, actions] : resources) {
            SCOPED_TRACE(std::string(role) + " " + name);
            const auto base = "/api/v1/admin/resources/" + name;
            const auto expect = [&](const std::string& action, const Answer& answer) {
                const bool may = member.actor.may(name + "." + action);
                if (may) {
                    EXPECT_NE(answer.status, 403) << action << " " << answer.text.substr(0, 200);
                    EXPECT_NE(answer.status, 401) << action;
                } else {
                    EXPECT_EQ(answer.status, 403) << action << " " << answer.text.substr(0, 200);
                    EXPECT_EQ(answer.body.text_or("code"), "staff.forbidden") << action;
                }
            };
            EXPECT_EQ(shown.contains(name), member.actor.may(name + ".read"));
            expect("read", member.who->get(base + "?limit=1"));
            expect("read", member.who->get(base + "/no-such-row"));
            expect("read", member.who->get(base + "/no-such-row/history"));
            expect("export", member.who->get(base + "/export?format=csv"));
            expect("create", member.who->post(base, "{}"));
            expect("update", member.who->send(http::Method::patch, base + "/no-such-row", "{}", {}, {{"if-match", "x"}}));
            expect("delete", member.who->send(http::Method::del, base + "/no-such-row", {}, {}, {{"if-match", "x"}}));
            expect("import",
                   member.who->send(http::Method::post, base + "/import?dry_run=true", "id\n", {}, {{"content-type", "text/csv"}}));
            for (const auto& action : actions) expect(action, member.who->post(base + "/actions/" + action, R"({"ids":["no-such-row"]})"));
            stage.forget_limits();
        }
    }
}

TEST_F(Permissions, above_the_amount_of_the_role_no_money_moves) {
    make_role("cashier", "orders.*,gift_cards.*",
              R"({"orders.refund": [{"amount": 1, "currency": "EUR"}], "gift_cards.issue": [{"amount": 1, "currency": "EUR"}]})");
    make_role(
        "abroad", "orders.*,gift_cards.*",
        R"({"orders.refund": [{"amount": 100000000, "currency": "GBP"}], "gift_cards.issue": [{"amount": 100000000, "currency": "GBP"}]})");
    auto cashier = hire("cashier"), abroad = hire("abroad");
    int checked = 0;
    for (const auto& operation : admin_operations()) {
        const auto* codes = operation.node->at("responses", "4XX");
        const bool may_be_over = codes && json::to_text(*codes).find("staff.over_limit") != std::string::npos;
        EXPECT_EQ(may_be_over, kWithAmount.contains(operation.id))
            << operation.id << ": has an amount and no line here, or the other way round";
        if (!may_be_over) continue;
        SCOPED_TRACE(operation.id);
        auto ask = stage.ask(operation.id);
        stage.world.work();
        const auto before = stage.state();
        for (auto* member : {&cashier, &abroad}) {
            ask.who = member->who.get();
            ask.key = Uuid::v7().to_string();
            const auto answer = stage.send(operation, ask);
            EXPECT_EQ(answer.status, 403) << answer.text;
            EXPECT_EQ(answer.body.text_or("code"), "staff.over_limit");
        }
        EXPECT_EQ(stage.state(), before);
        ++checked;
    }
    EXPECT_EQ(checked, static_cast<int>(kWithAmount.size()));
}

}  // namespace
}  // namespace stoa::testing
