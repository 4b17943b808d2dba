// Gift cards and store credit: at the payment step, in My Account and at the desk.
#include <algorithm>

#include "email.hpp"
#include "http/credits_dto.hpp"
#include "service.hpp"
#include "sql/checkout.hpp"

namespace stoa::checkout {
namespace {

constexpr std::size_t kMostCards = 5;
// In ten minutes. A code has eighty bits: this keeps a machine from trying, not people from mistyping.
constexpr int kTriesOfVisitor = 10;
constexpr int kTriesOfAddress = 30;
constexpr int kMovements = 50;

Failure about_code(Failure failure, std::string word) {
    auto error = std::move(failure.error());
    error.fields.push_back({"/code", std::move(word), error.message});
    return Failure(std::move(error));
}

GiftCardDto card_dto(const payments::Credit& card, Timestamp now) {
    GiftCardDto dto;
    dto.id = card.id;
    dto.hint = card.hint;
    dto.issued = card.issued;
    dto.balance = card.balance;
    dto.available = card.available;
    dto.email = card.email;
    dto.note = card.note;
    dto.staff = card.staff;
    dto.expires_at = card.expires_at;
    dto.created_at = card.created_at;
    dto.state = card.voided              ? GiftCardState::blocked
                : card.suspended         ? GiftCardState::suspended
                : !card.is_usable(now)   ? GiftCardState::expired
                : card.balance.is_zero() ? GiftCardState::used
                                         : GiftCardState::usable;
    return dto;
}

// What staff did is kept for good; whose address it was about is not.
GiftCardDto for_the_record(GiftCardDto card) {
    card.email.clear();
    return card;
}

std::string staff_scope(const http::StaffActor& actor) { return "staff:" + actor.id.to_string(); }

}  // namespace

std::vector<AppliedCredit> apply_credits(std::vector<payments::Credit> credits, const Money& total, const Money& vouchers,
                                         const std::optional<Uuid>& customer, Timestamp now) {
    std::vector<AppliedCredit> out;
    Money open = total;
    Money for_gift_cards = total - vouchers;
    for (auto& credit : credits) {
        const bool theirs = credit.kind == payments::Method::gift_card || (customer && credit.customer == customer);
        if (!theirs || credit.balance.currency() != total.currency()) continue;
        const bool gift_card = credit.kind == payments::Method::gift_card;
        const Money most = gift_card ? std::min(open, for_gift_cards) : open;
        const Money amount = credit.is_usable(now) ? std::min(most, credit.available) : Money::zero(total.currency());
        open -= amount;
        if (gift_card) for_gift_cards -= amount;
        out.push_back({std::move(credit), amount});
    }
    return out;
}

std::vector<AppliedCredit> Service::credits_of(db::Session& session, const State& state, const cart::PricedCart& priced,
                                               const Customer& customer) {
    if (state.credits.empty()) return {};
    const auto living = deps_.orders.living_of_cart(session, state.cart.uuid());
    auto credits = deps_.credits.find(session, state.credits, living ? std::optional(living->id.uuid()) : std::nullopt);
    return apply_credits(std::move(credits), priced.total, priced.vouchers_total,
                         customer ? std::optional(customer->id.uuid()) : std::nullopt, deps_.clock.now());
}

http::Response Service::add_gift_card(const http::Request& request) {
    const auto input = http::body_as<GiftCardInput>(request);
    if (!input) return http::problem(input.error());
    // Counted before the code is looked at: a wrong one costs as much as a right one.
    const auto visitor = deps_.carts.visitor(request);
    if (const auto refused = limit("gift-card-from:" + request.remote_ip, kTriesOfAddress)) return http::problem(*refused);
    if (const auto refused = limit("gift-card:" + scope_of(visitor), kTriesOfVisitor)) return http::problem(*refused);
    return update(request, [&](db::Tx& tx, State& state, const cart::StoredCart& cart) -> Result<void> {
        const auto card = deps_.credits.by_code(tx, input->code);
        if (!card || card->voided)
            return about_code(fail(ErrorKind::invalid, "payments.gift_card_unknown", "There is no gift card with this code."), "unknown");
        if (card->suspended)
            return about_code(
                fail(ErrorKind::invalid, "payments.gift_card_suspended", "This gift card cannot be used at the moment. Please ask us."),
                "suspended");
        if (card->expires_at && *card->expires_at <= deps_.clock.now())
            return about_code(fail(ErrorKind::invalid, "payments.gift_card_expired", "This gift card has expired."), "expired");
        if (card->balance.currency() != cart.currency)
            return about_code(fail(ErrorKind::invalid, "payments.gift_card_currency",
                                   "This gift card is in " + std::string(card->balance.currency().code()) + ", the cart is not."),
                              "currency");
        if (card->balance.is_zero())
            return about_code(fail(ErrorKind::invalid, "payments.gift_card_empty", "There is nothing left on this gift card."), "empty");
        if (std::ranges::find(state.credits, card->id) != state.credits.end()) return {};
        if (state.credits.size() >= kMostCards)
            return about_code(fail(ErrorKind::invalid, "payments.gift_card_too_many", "Five gift cards at a time are enough."), "too_many");
        state.credits.push_back(card->id);
        tx.exec(sql::set_credits, state.id, state.credits, deps_.clock.now());
        return {};
    });
}

http::Response Service::use_store_credit(const http::Request& request) {
    const auto input = http::body_as<StoreCreditInput>(request);
    if (!input) return http::problem(input.error());
    const auto customer = deps_.customers.require(request);
    return update(request, [&](db::Tx& tx, State& state, const cart::StoredCart& cart) -> Result<void> {
        const auto credit = deps_.credits.of_customer(tx, customer.id.uuid(), cart.currency);
        std::erase(state.credits, credit.id);
        if (input->use) state.credits.push_back(credit.id);  // after the gift cards
        tx.exec(sql::set_credits, state.id, state.credits, deps_.clock.now());
        return {};
    });
}

http::Response Service::remove_credit(const http::Request& request) {
    const auto id = http::id_param<payments::CreditId>(request, "id");
    return update(request, [&](db::Tx& tx, State& state, const cart::StoredCart&) -> Result<void> {
        std::erase(state.credits, id);
        tx.exec(sql::set_credits, state.id, state.credits, deps_.clock.now());
        return {};
    });
}

void Service::add_credit_routes(http::Routes& routes) {
    routes.post("/api/v1/checkout/gift-cards", "add_checkout_gift_card")
        .summary("Pay with a gift card")
        .description("It pays as much as is on it; the rest is paid by another method.")
        .tag("checkout")
        .body<GiftCardInput>()
        .returns<CheckoutDto>()
        .fails({"checkout.not_started", "checkout.too_many_payments", "payments.gift_card_unknown", "payments.gift_card_suspended",
                "payments.gift_card_expired", "payments.gift_card_currency", "payments.gift_card_empty", "payments.gift_card_too_many"})
        .handle([this](const http::Request& r) { return add_gift_card(r); });
    routes.put("/api/v1/checkout/store-credit", "set_checkout_store_credit")
        .summary("Pay with store credit, or not")
        .tag("checkout")
        .requires_access(http::Access::customer)
        .body<StoreCreditInput>()
        .returns<CheckoutDto>()
        .fails({"account.login_required", "checkout.not_started"})
        .handle([this](const http::Request& r) { return use_store_credit(r); });
    routes.del("/api/v1/checkout/credits/{id}", "remove_checkout_credit")
        .summary("Do not pay with this gift card or credit after all")
        .tag("checkout")
        .returns<CheckoutDto>()
        .fails({"checkout.not_started"})
        .handle([this](const http::Request& r) { return remove_credit(r); });
    routes.get("/api/v1/account/store-credit", "get_store_credit")
        .summary("My store credit, and how it came about")
        .tag("account")
        .requires_access(http::Access::customer)
        .returns<StoreCreditListDto>()
        .fails({"account.login_required"})
        .handle([this](const http::Request& r) {
            const auto customer = deps_.customers.require(r);
            return http::ok(deps_.database.read([&](db::Session& session) {
                StoreCreditListDto out;
                for (const auto& credit : deps_.credits.all_of_customer(session, customer.id.uuid())) {
                    StoreCreditDto dto{credit.balance, credit.available, {}};
                    for (const auto& movement : deps_.credits.history(session, credit, kMovements))
                        dto.movements.push_back({movement.at, movement.kind, movement.amount});
                    out.items.push_back(std::move(dto));
                }
                return out;
            }));
        });
}

void Service::add_gift_card_desk_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    const auto staff = [](http::Route& route) -> http::Route& {
        return route.tag("admin gift cards")
            .on(http::Pool::staff)
            .requires_access(http::Access::staff)
            .fails({"staff.login_required", "staff.forbidden"});
    };
    staff(routes.get("/api/v1/admin/gift-cards", "list_gift_cards"))
        .summary("Gift cards, newest first")
        .query<GiftCardQuery>()
        .returns<GiftCardListDto>()
        .handle([this, &gate](const http::Request& request) {
            if (const auto actor = gate.require(request, "gift_cards.read"); !actor) return http::problem(actor.error());
            const auto query = http::query_as<GiftCardQuery>(request);
            if (!query) return http::problem(query.error());
            std::optional<std::pair<Timestamp, Uuid>> after;
            if (query->cursor) {
                after = deps_.database.read([&](db::Session& session) -> std::optional<std::pair<Timestamp, Uuid>> {
                    const auto last = deps_.credits.find(session, {*query->cursor});
                    if (last.empty()) return std::nullopt;
                    return std::pair(last.front().created_at, last.front().id.uuid());
                });
            }
            const auto found = deps_.database.read(
                [&](db::Session& session) { return deps_.credits.newest(session, after, static_cast<int>(query->limit) + 1, query->q); });
            GiftCardListDto out;
            for (const auto& card : found) {
                if (out.items.size() == static_cast<std::size_t>(query->limit)) {
                    out.next_cursor = out.items.back().id;
                    break;
                }
                out.items.push_back(card_dto(card, deps_.clock.now()));
            }
            return http::ok(out);
        });
    staff(routes.get("/api/v1/admin/gift-cards/{id}", "get_gift_card"))
        .summary("A gift card and what moved on it")
        .returns<GiftCardDetailDto>()
        .fails({"payments.credit_unknown"})
        .handle([this, &gate](const http::Request& request) {
            if (const auto actor = gate.require(request, "gift_cards.read"); !actor) return http::problem(actor.error());
            const auto id = http::id_param<payments::CreditId>(request, "id");
            const auto dto = deps_.database.read([&](db::Session& session) -> Result<GiftCardDetailDto> {
                const auto found = deps_.credits.find(session, {id});
                if (found.empty() || found.front().kind != payments::Method::gift_card)
                    return fail(ErrorKind::not_found, "payments.credit_unknown", "There is no such gift card.");
                GiftCardDetailDto out{card_dto(found.front(), deps_.clock.now()), {}};
                for (const auto& movement : deps_.credits.history(session, found.front(), kMovements))
                    out.movements.push_back({movement.at, movement.kind, movement.amount});
                return out;
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });
    staff(routes.post("/api/v1/admin/gift-cards", "issue_gift_card"))
        .summary("Issue a gift card")
        .description(
            "Its code is answered once and kept nowhere; with an e-mail address it is mailed as well. A repeated request has no code.")
        .idempotent()
        .body<NewGiftCardInput>()
        .returns<IssuedGiftCardDto>(201)
        .fails({"staff.over_limit"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, "gift_cards.issue");
            if (!actor) return http::problem(actor.error());
            const auto input = http::body_as<NewGiftCardInput>(request);
            if (!input) return http::problem(input.error());
            const auto now = deps_.clock.now();
            if (input->amount.is_zero() || input->amount.is_negative())
                return http::problem(fail_field("/amount", "too_small", "A gift card has a value.").error());
            if (input->amount.minor() > kDearestCard)
                return http::problem(fail_field("/amount", "too_large", "That is too much for one card.").error());
            if (input->expires_at && *input->expires_at <= now)
                return http::problem(fail_field("/expires_at", "in_the_past", "The card would have expired.").error());
            if (input->email) {
                if (auto email = check_email(*input->email); !email) return http::problem(email.error());
            }
            if (auto within = actor->within_limit("gift_cards.issue", input->amount); !within) return http::problem(within.error());
            auto begun = deps_.idempotency.begin(request, staff_scope(*actor));
            if (auto* replay = std::get_if<http::Response>(&begun)) return std::move(*replay);
            auto& claim = std::get<http::Idempotency::Claim>(begun);
            return deps_.database.in_tx([&](db::Tx& tx) {
                const auto issued =
                    deps_.credits.issue(tx, {input->amount, input->expires_at, input->email.value_or(""), input->note}, *actor);
                if (input->email) deps_.mail_gift_card(tx, issued, input->locale);
                IssuedGiftCardDto dto{card_dto(issued.card, now), std::nullopt};
                // What is kept under the key has no code.
                claim.store(tx, http::created(dto));
                audit.record(tx, *actor, {"create", "gift_cards", issued.card.id.to_string(), "", json::render(for_the_record(dto.card))});
                dto.code = issued.code;
                return http::created(dto);
            });
        });
    staff(routes.post("/api/v1/admin/gift-cards/{id}/block", "block_gift_card"))
        .summary("Block a lost or stolen gift card")
        .description(
            "What is on it is written off. Money that comes back to it later is not lost: it stands on the card, for staff to see.")
        .idempotent()
        .returns<GiftCardDto>()
        .fails({"payments.credit_unknown", "payments.credit_voided", "payments.credit_held"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, "gift_cards.block");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<payments::CreditId>(request, "id");
            return deps_.idempotency.run(request, staff_scope(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto before = deps_.credits.find(tx, {id});
                const auto card = deps_.credits.void_card(tx, id);
                if (!card) return std::unexpected(card.error());
                const auto dto = card_dto(*card, deps_.clock.now());
                audit.record(
                    tx, *actor,
                    {"block", "gift_cards", id.to_string(), json::render(for_the_record(card_dto(before.front(), deps_.clock.now()))),
                     json::render(for_the_record(dto))});
                return http::ok(dto);
            });
        });
    staff(routes.post("/api/v1/admin/customers/{id}/store-credit", "grant_store_credit"))
        .summary("Give a customer store credit, out of goodwill")
        .idempotent()
        .body<StoreCreditGrantInput>()
        .returns<StoreCreditListDto>(201)
        .fails({"staff.over_limit", "customers.not_found"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, "gift_cards.issue");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<customers::CustomerId>(request, "id");
            const auto input = http::body_as<StoreCreditGrantInput>(request);
            if (!input) return http::problem(input.error());
            if (input->amount.is_zero() || input->amount.is_negative() || input->amount.minor() > kDearestCard)
                return http::problem(fail_field("/amount", "out_of_range", "An amount above zero, and not too much.").error());
            if (auto within = actor->within_limit("gift_cards.issue", input->amount); !within) return http::problem(within.error());
            return deps_.idempotency.run(request, staff_scope(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                if (!deps_.customers.find(tx, id)) return fail(ErrorKind::not_found, "customers.not_found", "There is no such customer.");
                const auto credit = deps_.credits.of_customer(tx, id.uuid(), input->amount.currency());
                const auto put = deps_.credits.put(tx, credit.id, input->amount, ledger::account::kGoodwill,
                                                   "credit-grant:" + Uuid::v7().to_string(), "");
                if (!put) return std::unexpected(put.error());
                StoreCreditListDto out;
                for (const auto& each : deps_.credits.all_of_customer(tx, id.uuid()))
                    out.items.push_back({each.balance, each.available, {}});
                audit.record(tx, *actor, {"grant_credit", "customers", id.to_string(), "", json::render(*input)});
                return http::created(out);
            });
        });
    staff(routes.get("/api/v1/admin/customers/{id}/store-credit", "get_customer_store_credit"))
        .summary("A customer's store credit")
        .returns<StoreCreditListDto>()
        .fails({"customers.not_found"})
        .handle([this, &gate](const http::Request& request) {
            if (const auto actor = gate.require(request, "gift_cards.read"); !actor) return http::problem(actor.error());
            const auto id = http::id_param<customers::CustomerId>(request, "id");
            const auto list = deps_.database.read([&](db::Session& session) -> std::optional<StoreCreditListDto> {
                if (!deps_.customers.find(session, id)) return std::nullopt;
                StoreCreditListDto out;
                for (const auto& credit : deps_.credits.all_of_customer(session, id.uuid())) {
                    StoreCreditDto dto{credit.balance, credit.available, {}};
                    for (const auto& movement : deps_.credits.history(session, credit, kMovements))
                        dto.movements.push_back({movement.at, movement.kind, movement.amount});
                    out.items.push_back(std::move(dto));
                }
                return out;
            });
            if (!list) return http::problem({ErrorKind::not_found, "customers.not_found", "There is no such customer.", {}, {}, {}, 0});
            return http::ok(*list);
        });
}

}  // namespace stoa::checkout
