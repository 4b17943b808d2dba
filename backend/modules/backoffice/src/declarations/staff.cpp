#include <algorithm>

#include "codes.hpp"
#include "declarations/common.hpp"
#include "domain/rights.hpp"
#include "service.hpp"
#include "sql/passkeys.hpp"
#include "sql/staff.hpp"
#include "sql/totp.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::backoffice {
namespace {

struct StaffForm {
    std::string email, name;
    bool active = true;
    std::vector<std::string> roles;
    std::optional<bool> has_totp, must_change_password;
    std::optional<std::int64_t> passkeys;  // the history says when they went
    std::optional<std::string> password;
};
void describe(json::Struct<StaffForm>& d) {
    d.name("StaffForm");
    d.field<&StaffForm::email>("email").not_blank().max_length(254);
    d.field<&StaffForm::name>("name").not_blank().max_length(120);
    d.field<&StaffForm::active>("active", "Without this nobody signs in.").optional();
    d.field<&StaffForm::roles>("roles", "Codes of roles.").optional().max_length(20);
    d.field<&StaffForm::has_totp>("has_totp", "A second factor is asked for.");
    d.field<&StaffForm::must_change_password>("must_change_password");
    d.field<&StaffForm::passkeys>("passkeys", "How many open the account.");
    d.field<&StaffForm::password>(
         "password",
         "A first password, or a new one; it must be changed at the next sign-in. A new one ends every session of the "
         "account and removes its passkeys. Never shown.")
        .max_length(200);
}

struct RoleForm {
    std::string code, name;
    std::vector<std::string> permissions;
    std::optional<json::Raw> limits;
};
void describe(json::Struct<RoleForm>& d) {
    d.name("RoleForm");
    d.field<&RoleForm::code>("code").pattern("[a-z][a-z0-9_]{0,39}");
    d.field<&RoleForm::name>("name").not_blank().max_length(120);
    d.field<&RoleForm::permissions>("permissions", "\"orders.read\", \"orders.*\" or \"*\".").max_length(500);
    d.field<&RoleForm::limits>("limits", R"(Where a permission ends: {"orders.refund": [{"amount": 20000, "currency": "EUR"}]}.)");
}

Failure more_than_you_have() {
    return fail(ErrorKind::forbidden, std::string(codes::kMoreThanYouHave), "Nobody can give or change rights beyond their own.");
}
Failure last_administrator() {
    return fail(ErrorKind::conflict, std::string(codes::kLastAdministrator), "Somebody must be left who may do everything.");
}

Grant grant_of(const http::StaffActor& actor) { return {actor.permissions, actor.limits}; }

// What these roles allow together; nullopt when one of them does not exist.
std::optional<Grant> grant_of(db::Session& session, const std::vector<std::string>& roles) {
    const auto rows = session.query(sql::known_roles, roles);
    if (rows.size() != static_cast<int>(std::set<std::string>(roles.begin(), roles.end()).size())) return std::nullopt;
    std::vector<Grant> grants;
    for (const auto row : rows)
        grants.push_back({row.get<std::vector<std::string>>("permissions"), limits_from(*json::parse(row.get<std::string>("limits")))});
    return merged(grants);
}

bool is_administrator(const Grant& grant) { return std::ranges::find(grant.permissions, "*") != grant.permissions.end(); }

std::optional<StaffForm> find_staff(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_staff, id_of<StaffId>(id));
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    StaffForm out;
    out.email = row.get<std::string>("email");
    out.name = row.get<std::string>("name");
    out.active = row.get<bool>("active");
    out.roles = row.get<std::vector<std::string>>("roles");
    out.has_totp = row.get<bool>("has_totp");
    out.must_change_password = row.get<bool>("must_change_password");
    out.passkeys = row.get<std::int64_t>("passkeys");
    return out;
}

Result<StaffId> id_by_email(db::Session& session, const std::string& key) {
    const auto rows = session.query(sql::find_staff_by_email, key);
    if (rows.empty()) return nothing_here();
    return rows.front().get<StaffId>("id");
}

Result<std::string> save_staff(Write& write, const std::optional<StaffForm>& before, const StaffForm& after) {
    const auto key = staff_email_key(after.email);
    if (!key) return fail_field("/email", "invalid", "This is no e-mail address.");
    if (after.password) {
        if (auto strong = check_staff_password(*after.password, "/password"); !strong) return fail(strong.error());
    }
    write.tx.query(sql::lock_administrators);
    const auto wanted = grant_of(write.tx, after.roles);
    if (!wanted) return fail_field("/roles", "not_one_of", "There is no such role.");
    if (!covers(grant_of(write.actor), *wanted)) return more_than_you_have();
    const auto taken = id_by_email(write.tx, *key);
    if (!before) {
        if (taken) return fail(ErrorKind::conflict, std::string(codes::kEmailTaken), "Somebody has this address already.");
        if (!after.password) return fail_field("/password", "required", "A first password is needed.");
        const auto id = StaffId::make();
        write.tx.exec(sql::insert_staff, id, after.email, *key, after.name, crypto::hash_password(*after.password), true, write.now);
        write.tx.exec(sql::add_staff_roles, id, after.roles);
        return id.to_string();
    }
    const auto id = id_by_email(write.tx, staff_email_key(before->email).value_or(""));
    if (!id) return fail(id.error());
    if (taken && *taken != *id) return fail(ErrorKind::conflict, std::string(codes::kEmailTaken), "Somebody has this address already.");
    const auto had = grant_of(write.tx, before->roles);
    if (!had || !covers(grant_of(write.actor), *had)) return more_than_you_have();
    if (before->active && is_administrator(*had) && !(after.active && is_administrator(*wanted)) &&
        write.tx.query(sql::count_other_administrators, *id, std::optional<std::string>()).front().get<std::int64_t>("count") == 0)
        return last_administrator();
    write.tx.exec(sql::update_staff, *id, after.email, *key, after.name, after.active, write.now);
    write.tx.exec(sql::clear_staff_roles, *id, after.roles);
    write.tx.exec(sql::add_staff_roles, *id, after.roles);
    if (after.password) {
        write.tx.exec(sql::set_password, *id, crypto::hash_password(*after.password), true, write.now);
        write.tx.exec(sql::delete_passkeys_of, *id);
    }
    // A passkey is as good as a password: one that a thief has made would outlive the reset. Whoever is shut out, or has a new password, is
    // out everywhere.
    if (!after.active || after.password) write.tx.exec(sql::delete_sessions_of, *id, std::optional<StaffSessionId>());
    return id->to_string();
}

// Whether the one who asks may touch this account at all.
Result<void> may_touch(Write& write, const std::string& id) {
    const auto form = find_staff(write.tx, id);
    if (!form) return nothing_here();
    const auto grant = grant_of(write.tx, form->roles);
    if (!grant || !covers(grant_of(write.actor), *grant)) return more_than_you_have();
    return {};
}

std::optional<RoleForm> find_role(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_role, id);
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    return RoleForm{row.get<std::string>("code"), row.get<std::string>("name"), row.get<std::vector<std::string>>("permissions"),
                    json::Raw{to_json(limits_from(*json::parse(row.get<std::string>("limits"))))}};
}

Result<Grant> grant_of(const RoleForm& form) {
    Grant out;
    for (const auto& permission : form.permissions) {
        if (!is_permission(permission)) return fail_field("/permissions", "invalid", permission + " is no permission.");
    }
    out.permissions = form.permissions;
    std::ranges::sort(out.permissions);
    const auto [rest, end] = std::ranges::unique(out.permissions);
    out.permissions.erase(rest, end);
    try {
        if (form.limits && form.limits->text != "null") out.limits = limits_from(*json::parse(form.limits->text));
    } catch (const std::invalid_argument& error) {
        return fail_field("/limits", "invalid", error.what());
    }
    return out;
}

Result<std::string> save_role(Write& write, const std::optional<RoleForm>& before, const RoleForm& after) {
    const auto grant = grant_of(after);
    if (!grant) return fail(grant.error());
    write.tx.query(sql::lock_administrators);
    if (!covers(grant_of(write.actor), *grant)) return more_than_you_have();
    if (before) {
        const auto had = grant_of(*before);
        if (!had || !covers(grant_of(write.actor), *had)) return more_than_you_have();
        if (is_administrator(*had) && !is_administrator(*grant) &&
            write.tx.query(sql::count_other_administrators, Uuid{}, std::optional<std::string>(before->code))
                    .front()
                    .get<std::int64_t>("count") == 0)
            return last_administrator();
    } else if (!write.tx.query(sql::find_role, after.code).empty()) {
        return fail(ErrorKind::conflict, std::string(codes::kExists), "There is one like this already.");
    }
    write.tx.exec(sql::save_role, after.code, after.name, grant->permissions, to_json(grant->limits), write.now);
    return after.code;
}

}  // namespace

void declare_staff(Registry& registry) {
    auto sign_out = each("sign_out", "Sign out everywhere", [](Write& write, const std::string& id, const json::Value&) -> Result<void> {
        if (auto may = may_touch(write, id); !may) return may;
        write.tx.exec(sql::delete_sessions_of, id_of<StaffId>(id), std::optional<StaffSessionId>());
        return {};
    });
    auto reset_totp =
        each("reset_totp", "Remove the second factor", [](Write& write, const std::string& id, const json::Value&) -> Result<void> {
            if (auto may = may_touch(write, id); !may) return may;
            write.tx.exec(sql::clear_totp, id_of<StaffId>(id), write.now);
            write.tx.exec(sql::delete_recovery_codes, id_of<StaffId>(id));
            write.tx.exec(sql::delete_sessions_of, id_of<StaffId>(id), std::optional<StaffSessionId>());
            return {};
        });
    reset_totp.danger = true;
    reset_totp.confirm = "The account is then open with its password alone. Go on?";
    auto remove_passkeys =
        each("remove_passkeys", "Remove the passkeys", [](Write& write, const std::string& id, const json::Value&) -> Result<void> {
            if (auto may = may_touch(write, id); !may) return may;
            write.tx.exec(sql::delete_passkeys_of, id_of<StaffId>(id));
            write.tx.exec(sql::delete_sessions_of, id_of<StaffId>(id), std::optional<StaffSessionId>());
            return {};
        });
    remove_passkeys.danger = true;
    remove_passkeys.confirm = "A lost device opens nothing afterwards, nor does any other passkey of the account. Go on?";
    registry.add(Resource("staff", "Staff", "Settings")
                     .from("backoffice.staff", "stf")
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"email", "E-mail", FieldType::text, {.sortable = true, .sql = "t.email_key"}})
                     .column({"active", "Active", FieldType::boolean, {}})
                     .column({"has_totp", "Second factor", FieldType::boolean, {.sql = "t.totp_secret is not null"}})
                     .column({"passkeys",
                              "Passkeys",
                              FieldType::integer,
                              {.sql = "(select count(*) from backoffice.passkey p where p.staff_id = t.id)"}})
                     .column({"role_names",
                              "Roles",
                              FieldType::list,
                              {.sql = "coalesce((select array_agg(o.name order by o.name) from backoffice.staff_role r join "
                                      "backoffice.role o on o.code = r.role_code where r.staff_id = t.id), '{}')"}})
                     .filter({"active", "Active", FilterType::boolean})
                     .search("t.name ilike {q} or t.email_key ilike {q}")
                     .form<StaffForm>(find_staff, save_staff)
                     .look("has_totp", {.label = "Second factor", .read_only = true})
                     .look("must_change_password", {.read_only = true})
                     .look("passkeys", {.read_only = true})
                     .look("roles", {.resource = "roles"})
                     .action(std::move(sign_out))
                     .action(std::move(reset_totp))
                     .action(std::move(remove_passkeys)));
    registry.add(Resource("roles", "Roles", "Settings")
                     .from("(select code as id, name, permissions from backoffice.role)")
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"permissions", "Permissions", FieldType::list, {}})
                     .search("t.name ilike {q} or t.id ilike {q}")
                     .form<RoleForm>(find_role, save_role)
                     .look("code", {.fixed = true})
                     .removed_by([](Write& write, std::string_view id) -> Result<void> {
                         const auto form = find_role(write.tx, id);
                         const auto had = grant_of(*form);
                         if (!had || !covers(grant_of(write.actor), *had)) return more_than_you_have();
                         if (write.tx.query(sql::role_is_used, id).front().get<bool>("used"))
                             return fail(ErrorKind::conflict, std::string(codes::kRoleInUse),
                                         "Somebody has this role. Take it from them first.");
                         write.tx.exec(sql::delete_role, id);
                         return {};
                     }));
    registry.add(Resource("audit", "Audit log", "Settings")
                     .from("(select number as id, at, staff_id, staff_name, action, resource, object_id, ip from backoffice.audit)", "#")
                     .column({"at", "When", FieldType::datetime, {}})
                     .column({"staff_name", "Who", FieldType::text, {}})
                     .column({"action", "Did", FieldType::text, {}})
                     .column({"resource", "To", FieldType::text, {}})
                     .column({"object_id", "Which", FieldType::text, {}})
                     .column({"ip", "From", FieldType::text, {}})
                     .filter({"resource", "Resource", FilterType::select})
                     .filter({"object_id", "Row", FilterType::select})
                     .filter({"staff", "Who", FilterType::reference, {}, "t.staff_id", "stf", "staff"}));
}

}  // namespace stoa::backoffice
