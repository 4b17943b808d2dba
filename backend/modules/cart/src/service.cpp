// Carts: load under lock, change in memory, evaluate, write; one transaction per change.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>

#include <fmt/format.h>

#include "codes.hpp"
#include "gifts.hpp"
#include "guest_token.hpp"
#include "sql/cart.hpp"
#include "stoa/cart/make.hpp"
#include "stoa/companies/identify.hpp"
#include "stoa/crypto/crypto.hpp"
#include "store/cart_rows.hpp"
#include "view.hpp"

namespace stoa::cart {
namespace {

constexpr std::int64_t kMaxQuantity = 9999;
constexpr std::size_t kMaxLines = 5000;
constexpr std::size_t kMaxCodes = 10;
constexpr auto kLifetime = std::chrono::days(60);
constexpr std::string_view kCookie = "stoa_cart";

std::string hash_of(std::string_view token) { return crypto::hex(crypto::sha256(token)); }

// The two ways to find a cart, as parameters; exactly one is given, none finds nothing.
struct Key {
    std::optional<customers::CustomerId> customer;
    std::optional<std::string> token_hash;
};
Key key_of(const Visitor& visitor) {
    if (visitor.customer) return {visitor.customer->id, std::nullopt};
    if (visitor.guest_token.empty()) return {};
    return {std::nullopt, hash_of(visitor.guest_token)};
}

Failure refuse(ErrorKind kind, std::string_view code, std::string message) { return fail(kind, std::string(code), std::move(message)); }

class CartService final : public Carts {
public:
    CartService(CartDeps deps, CartOptions options) : deps_(std::move(deps)), options_(std::move(options)) {}

    Visitor visitor(const http::Request& request) override {
        Visitor out;
        out.customer = deps_.customers.current(request);
        if (const auto token = request.cookie(http::cookie_name(kCookie, options_.secure_cookies)); token && token->size() <= 200)
            out.guest_token = std::string(*token);
        const auto pick = [&](std::string_view name, const std::vector<std::string>& allowed, std::string otherwise) {
            const auto value = request.query_value(name);
            return value && std::ranges::count(allowed, *value) > 0 ? std::string(*value) : std::move(otherwise);
        };
        out.default_currency = pick("currency", options_.currencies, std::string(options_.default_currency.code()));
        const std::string locale =
            out.customer && std::ranges::count(options_.locales, out.customer->locale) > 0 ? out.customer->locale : options_.default_locale;
        out.default_locale = pick("locale", options_.locales, locale);
        const auto country = request.query_value("country");
        out.default_country = country && is_destination(*country) ? std::string(*country) : options_.default_country;
        return out;
    }

    // ---- reading ----------------------------------------------------------------------------------------------------------
    std::optional<StoredCart> find(db::Session& session, const Visitor& visitor) override {
        return fetch(session, key_of(visitor), sql::find_cart);
    }
    std::optional<StoredCart> lock(db::Tx& tx, const Visitor& visitor) override { return fetch(tx, key_of(visitor), sql::lock_cart); }
    std::optional<StoredCart> load(db::Session& session, CartId id) override { return fetch(session, id, sql::cart_by_id); }
    std::optional<StoredCart> lock(db::Tx& tx, CartId id) override { return fetch(tx, id, sql::lock_cart_by_id); }

    CartView view(db::Session& session, StoredCart cart, const std::optional<customers::CustomerInfo>& customer,
                  const ViewOptions& options) override {
        ViewInput input;
        input.buyer.currency = cart.currency;
        input.buyer.locale = cart.locale;
        input.buyer.country = cart.country;
        input.buyer.at = deps_.clock.now();
        promotions::Identity identity{cart.customer, options.email};
        if (customer) {
            companies::identify(input.buyer, *customer);
            identity.customer = customer->id;
            if (identity.email.empty()) identity.email = customer->email;
        }
        input.tax = deps_.tax.current();
        input.options = options;
        if (deps_.free_shipping_threshold) input.free_shipping_threshold = deps_.free_shipping_threshold(input.buyer);

        if (!cart.lines.empty() || !cart.codes.empty()) {
            std::vector<catalog::VariantId> ids;
            ids.reserve(cart.lines.size());
            // What checkout took for this cart, goods and promotions, is there for it.
            const std::array own{cart.id.uuid()};
            for (const auto& line : cart.lines) ids.push_back(line.variant);
            auto [variants, supply, prices, promotions] =
                db::read_together(session, deps_.catalog.read_variants(ids, cart.locale, input.buyer.at, options.goods),
                                  deps_.inventory.read_supply(ids, own), deps_.pricing.read_prices(ids, input.buyer),
                                  deps_.promotions.read(cart.codes, identity, input.buyer.at, own.front()));
            for (auto& variant : variants) {
                const auto id = variant.id;
                input.variants.emplace(id, std::move(variant));
            }
            input.supply.insert(supply.begin(), supply.end());
            input.prices = std::move(prices);
            input.promotions = std::move(promotions);
        }
        input.stored = std::move(cart);
        return make_view(std::move(input));
    }

    CartView empty_view(const Visitor& visitor) override {
        ViewInput input;
        input.stored = blank(visitor);
        input.buyer.currency = input.stored.currency;
        input.buyer.locale = input.stored.locale;
        input.buyer.country = input.stored.country;
        input.buyer.at = deps_.clock.now();
        if (visitor.customer) companies::identify(input.buyer, *visitor.customer);
        input.tax = deps_.tax.current();
        if (deps_.free_shipping_threshold) input.free_shipping_threshold = deps_.free_shipping_threshold(input.buyer);
        return make_view(std::move(input));
    }

    std::int64_t item_count(db::Session& session, const Visitor& visitor) override {
        const auto key = key_of(visitor);
        if (!key.customer && !key.token_hash) return 0;
        return session.query(sql::item_count, key.customer, key.token_hash, deps_.clock.now()).front().get<std::int64_t>("items");
    }

    // ---- the shopper's changes ----------------------------------------------------------------------------------------------
    Result<Changed> create(db::Tx& tx, const Visitor& visitor) override {
        Editing edit = open(tx, visitor);
        return finish(tx, visitor, std::move(edit), {});
    }

    Result<Changed> add_line(db::Tx& tx, const Visitor& visitor, catalog::VariantId variant, std::int64_t quantity,
                             const std::optional<GiftDto>& gift) override {
        if (quantity < 1 || quantity > kMaxQuantity) return fail_field("/quantity", "out_of_range", "Expected 1 to 9999.");
        GiftDto added;
        if (gift) {
            auto fine = checked(*gift, date_of(deps_.clock.now()));
            if (!fine) return std::unexpected(fine.error());
            added = std::move(*fine);
        }
        Editing edit = open(tx, visitor);
        auto line = std::ranges::find(edit.cart.lines, variant, &StoredLine::variant);
        const bool is_new = line == edit.cart.lines.end();
        if (is_new) {
            if (edit.cart.lines.size() >= kMaxLines)
                return refuse(ErrorKind::conflict, codes::kLineLimit, "A cart holds at most 5000 different articles.");
            line = edit.cart.lines.insert(edit.cart.lines.end(),
                                          StoredLine{LineId::make(), variant, quantity, std::nullopt, std::nullopt, {}});
        } else {
            if (line->quantity + quantity > kMaxQuantity)
                return refuse(ErrorKind::invalid, codes::kQuantityLimit, "A cart holds at most 9999 of one article.");
            line->gifts = gifts_for(std::move(line->gifts), std::min(line->quantity, kMostGiftCards));
            line->quantity += quantity;
            line->wanted.reset();
            line->shown_unit.reset();
        }
        // Whether it is a gift card is known when it was looked up.
        if (line->quantity <= kMostGiftCards) line->gifts.resize(static_cast<std::size_t>(line->quantity), added);
        return finish(tx, visitor, std::move(edit),
                      {.put = line->id, .must_be_sellable = true, .must_be_in_stock = is_new, .is_gift = gift.has_value()});
    }

    Result<Changed> set_quantity(db::Tx& tx, const Visitor& visitor, LineId id, std::int64_t quantity,
                                 std::optional<std::int64_t> expected_version) override {
        return change_line(tx, visitor, id, {quantity}, expected_version);
    }

    Result<Changed> change_line(db::Tx& tx, const Visitor& visitor, LineId id, const LineChange& change,
                                std::optional<std::int64_t> expected_version) override {
        if (change.quantity && (*change.quantity < 0 || *change.quantity > kMaxQuantity))
            return fail_field("/quantity", "out_of_range", "Expected 0 to 9999.");
        auto cart = lock(tx, visitor);
        const auto line = cart ? std::ranges::find(cart->lines, id, &StoredLine::id) : std::vector<StoredLine>::iterator{};
        if (!cart || line == cart->lines.end()) return refuse(ErrorKind::not_found, codes::kLineUnknown, "Your cart has no such line.");
        if (expected_version && *expected_version != cart->version) return version_conflict(*cart);
        const auto quantity = change.quantity.value_or(line->quantity);
        Writes writes;
        writes.less = quantity < line->quantity;
        if (quantity == 0) {
            cart->lines.erase(line);
            writes.remove = id;
            return finish(tx, visitor, Editing{std::move(*cart), false, {}}, writes);
        }
        if (change.gifts) {
            // Goods have none: whether these are gift cards is known when they were looked up.
            auto gifts = changed(gifts_for(line->gifts, std::min(line->quantity, kMostGiftCards)), *change.gifts, quantity,
                                 date_of(deps_.clock.now()));
            if (!gifts) return std::unexpected(gifts.error());
            line->gifts = std::move(*gifts);
            writes.gifts = id;
        }
        if (change.quantity) {
            // Less of something that is gone may always be asked for; more only of what is on sale.
            writes.must_be_sellable = quantity > line->quantity;
            line->quantity = quantity;
            line->wanted.reset();
            line->shown_unit.reset();
            writes.put = id;
        }
        return finish(tx, visitor, Editing{std::move(*cart), false, {}}, writes);
    }

    Result<Changed> add_code(db::Tx& tx, const Visitor& visitor, std::string_view text) override {
        const auto unknown = [] { return refuse(ErrorKind::not_found, codes::kCodeUnknown, "This code does not exist."); };
        const auto code = promotions::canonical_code(text);
        if (!code) return unknown();
        Editing edit = open(tx, visitor);
        if (std::ranges::count(edit.cart.codes, *code) == 0) {
            if (edit.cart.codes.size() >= kMaxCodes)
                return refuse(ErrorKind::conflict, codes::kCodeLimit, "A cart holds at most 10 codes.");
            edit.cart.codes.push_back(*code);
        }
        auto changed = finish(tx, visitor, std::move(edit), {.put_code = code});
        if (!changed) return changed;
        for (const auto& entry : changed->view.priced.codes) {
            if (entry.code == *code && entry.refusal && entry.refusal->reason == promotions::Reason::code_unknown) return unknown();
        }
        return changed;
    }

    Result<Changed> remove_code(db::Tx& tx, const Visitor& visitor, std::string_view text) override {
        auto cart = lock(tx, visitor);
        const auto code = promotions::canonical_code(text);
        if (!cart || !code || std::erase(cart->codes, *code) == 0)
            return refuse(ErrorKind::not_found, codes::kCodeUnknown, "Your cart has no such code.");
        return finish(tx, visitor, Editing{std::move(*cart), false, {}}, {.remove_code = code});
    }

    Result<Changed> set_context(db::Tx& tx, const Visitor& visitor, const Context& context,
                                std::optional<std::int64_t> expected_version) override {
        const auto refused = [](std::string pointer) {
            return fail_field(std::move(pointer), "not_offered", "The shop does not offer this.");
        };
        if (context.currency && std::ranges::count(options_.currencies, *context.currency) == 0) return refused("/currency");
        if (context.locale && std::ranges::count(options_.locales, *context.locale) == 0) return refused("/locale");
        if (context.country && !is_destination(*context.country)) return refused("/country");
        Editing edit = open(tx, visitor);
        if (expected_version && *expected_version != edit.cart.version) return version_conflict(edit.cart);
        if (context.currency) edit.cart.currency = Currency::of(*context.currency);
        if (context.locale) edit.cart.locale = *context.locale;
        if (context.country) edit.cart.country = *context.country;
        return finish(tx, visitor, std::move(edit), {.context = true});
    }

    // ---- checkout and login -------------------------------------------------------------------------------------------------
    void set_country(db::Tx& tx, CartId cart, std::string_view country) override { tx.exec(sql::set_country, cart, country); }

    void remember_prices(db::Tx& tx, const CartView& view) override {
        if (!view.priced.lines.empty()) (void)tx.run(remember(view));
    }

    void lock_for_order(db::Tx& tx, CartId cart) override { (void)lock_joined(tx, cart); }

    bool mark_ordered(db::Tx& tx, CartId id, const Uuid& order, std::span<const inventory::Wanted> bought) override {
        const auto joined = lock_joined(tx, id);
        if (!joined || !joined->is_open) return false;
        const Timestamp now = deps_.clock.now();
        if (joined->id != id) {
            // The goods moved into the customer's cart at login: what is bought leaves it.
            std::vector<catalog::VariantId> variants;
            std::vector<std::int64_t> quantities;
            for (const auto& line : bought) {
                variants.push_back(line.variant);
                quantities.push_back(line.quantity);
            }
            const std::vector<db::Call> calls{
                db::call(sql::remove_bought, joined->id, variants, quantities),
                db::call(sql::reduce_bought, joined->id, variants, quantities),
                db::call(sql::touch_cart, joined->id, now, now + kLifetime),
            };
            (void)tx.pipeline(calls);
            return false;
        }
        // What came into the cart after the order was placed is not bought: it goes on in a cart of its own.
        const auto cart = lock(tx, id).value();
        std::map<catalog::VariantId, std::int64_t> paid_for;
        for (const auto& part : bought) paid_for[part.variant] += part.quantity;
        std::vector<LineId> ids;
        std::vector<catalog::VariantId> variants;
        std::vector<std::int64_t> quantities;
        for (const auto& line : cart.lines) {
            const auto part = paid_for.find(line.variant);
            const auto left = line.quantity - (part == paid_for.end() ? 0 : part->second);
            if (left <= 0) continue;
            ids.push_back(LineId::make());
            variants.push_back(line.variant);
            quantities.push_back(left);
        }
        // The cookie of a guest goes with what is still to be bought.
        std::vector<db::Call> calls{db::call(sql::mark_ordered, id, order, now, !ids.empty())};
        if (!ids.empty()) {
            const auto rest = CartId::make();
            calls.push_back(db::call(sql::create_cart, rest, joined->token_hash, cart.customer, cart.currency, cart.locale, cart.country,
                                     now, now + kLifetime));
            calls.push_back(db::call(sql::keep_lines, id, rest, ids, variants, quantities));
        }
        (void)tx.pipeline(calls);
        return true;
    }
    bool reopen(db::Tx& tx, CartId cart) override { return !run_for_one_open(tx, db::call(sql::reopen, cart, deps_.clock.now())).empty(); }

    std::optional<Merged> merge_on_login(db::Tx& tx, const customers::CustomerInfo& customer, const http::Request& request,
                                         http::Response& response) override {
        const auto token = request.cookie(http::cookie_name(kCookie, options_.secure_cookies));
        if (!token || token->empty()) return std::nullopt;
        response.set_cookie(kCookie, "", 0, options_.secure_cookies);
        const Timestamp now = deps_.clock.now();
        const auto found = tx.query(sql::lock_guest_cart, hash_of(*token), now);
        if (found.empty()) return std::nullopt;
        const auto guest = lock(tx, found.front().get<CartId>("id")).value();
        if (!guest.is_open) return Merged{guest.id, guest.id};
        if (!run_for_one_open(tx, db::call(sql::adopt_cart, guest.id, customer.id, now)).empty()) return Merged{guest.id, guest.id};

        const auto own = fetch(tx, Key{customer.id, std::nullopt}, sql::lock_cart);
        if (!own) return std::nullopt;  // ordered this moment: the guest cart stays with its cookie's hash and expires
        // What is in both is one line; of the rest as much as there is room for.
        std::vector<StoredLine> joining;
        auto room = kMaxLines - std::min(kMaxLines, own->lines.size());
        for (const auto& line : guest.lines) {
            const bool is_in_both = std::ranges::find(own->lines, line.variant, &StoredLine::variant) != own->lines.end();
            if (!is_in_both && room == 0) continue;
            if (!is_in_both) --room;
            joining.push_back(line);
        }
        std::vector<catalog::VariantId> variants;
        for (const auto& line : joining) variants.push_back(line.variant);
        const std::array holders{guest.id.uuid(), own->id.uuid()};
        const auto supply = deps_.inventory.supply(tx, variants, holders);
        std::vector<LineId> ids;
        std::vector<std::int64_t> quantities;
        std::vector<std::optional<std::int64_t>> wanted;
        std::vector<std::optional<std::string>> gifts;
        for (const auto& line : joining) {
            const auto mine = std::ranges::find(own->lines, line.variant, &StoredLine::variant);
            const auto asked = line.wanted.value_or(line.quantity) + (mine == own->lines.end() ? 0 : mine->wanted.value_or(mine->quantity));
            const auto stock = supply.find(line.variant);
            const auto there = stock == supply.end() ? 0 : stock->second.orderable();
            // Sold out: the whole wish stays and the line says so. Otherwise what there is, and the wish is kept beside it.
            const bool is_gift_card = !line.gifts.empty() || (mine != own->lines.end() && !mine->gifts.empty());
            const auto quantity = std::min(there > 0 ? std::min(asked, there) : asked, is_gift_card ? kMostGiftCards : kMaxQuantity);
            ids.push_back(LineId::make());
            quantities.push_back(quantity);
            wanted.push_back(quantity < asked && !is_gift_card ? std::optional(asked) : std::nullopt);
            std::vector<GiftDto> both;
            if (is_gift_card) {
                if (mine != own->lines.end()) both = gifts_for(mine->gifts, mine->quantity);
                both.insert(both.end(), line.gifts.begin(), line.gifts.end());
                both = gifts_for(std::move(both), quantity);
            }
            gifts.push_back(to_stored(both));
        }
        std::vector<std::string> codes;
        for (const auto& code : guest.codes) {
            if (own->codes.size() + codes.size() < kMaxCodes && std::ranges::count(own->codes, code) == 0) codes.push_back(code);
        }
        const std::vector<db::Call> calls{
            db::call(sql::merge_lines, own->id, ids, variants, quantities, wanted, gifts),
            db::call(sql::merge_codes, own->id, codes),
            db::call(sql::mark_merged, guest.id, own->id, now),
            db::call(sql::touch_cart, own->id, now, now + kLifetime),
        };
        (void)tx.pipeline(calls);
        return Merged{guest.id, own->id};
    }

    std::int64_t sweep(db::Tx& tx, Timestamp now, int limit) override { return tx.exec(sql::sweep, now, limit); }

private:
    struct Editing {
        StoredCart cart;
        bool is_new = false;  // its row is written by finish()
        std::string new_token;
    };
    struct Writes {
        std::optional<LineId> put = std::nullopt;
        std::optional<LineId> remove = std::nullopt;
        std::optional<std::string> put_code = std::nullopt;
        std::optional<std::string> remove_code = std::nullopt;
        bool context = false;
        bool must_be_sellable = false;  // the put line
        bool must_be_in_stock = false;
        bool is_gift = false;                        // the put line is for somebody: it must be a gift card
        std::optional<LineId> gifts = std::nullopt;  // whom those of this line are for has changed
        bool less = false;
    };

    [[nodiscard]] bool is_destination(std::string_view country) const { return !options_.delivers_to || options_.delivers_to(country); }

    // A statement that makes a cart the customer's open one, where it sees no other. One that somebody else has just made is seen only
    // by the constraint: the transaction runs again, and finds it.
    static db::Rows run_for_one_open(db::Tx& tx, const db::Call& call) {
        try {
            return tx.run(call);
        } catch (const db::UniqueViolation& taken) {
            throw db::RetryableError("40001", taken.constraint, "the customer has another open cart since a moment");
        }
    }

    // The cart, or the one that it was joined into, under lock; carts on the way are locked too.
    struct Joined {
        CartId id;
        bool is_open = false;
        std::optional<std::string> token_hash;
    };
    static std::optional<Joined> lock_joined(db::Tx& tx, CartId id) {
        while (true) {
            const auto rows = tx.query(sql::lock_joined, id);
            if (rows.empty()) return std::nullopt;
            const auto row = rows.front();
            const auto into = row.get<std::optional<CartId>>("merged_into");
            if (!into) return Joined{id, row.get<std::string>("state") == "open", row.get<std::optional<std::string>>("token_hash")};
            id = *into;
        }
    }

    static Failure version_conflict(const StoredCart& cart) {
        Error error;
        error.kind = ErrorKind::conflict;
        error.code = std::string(codes::kVersionConflict);
        error.message = "The cart has changed meanwhile.";
        error.details_json = fmt::format(R"({{"version":{}}})", cart.version);
        return fail(std::move(error));
    }

    std::optional<StoredCart> fetch(db::Session& session, const Key& key, const db::Query& head) {
        if (!key.customer && !key.token_hash) return std::nullopt;
        const auto now = deps_.clock.now();
        const std::vector<db::Call> calls{db::call(head, key.customer, key.token_hash, now),
                                          db::call(sql::find_lines, key.customer, key.token_hash, now),
                                          db::call(sql::find_codes, key.customer, key.token_hash, now)};
        const auto rows = session.pipeline(calls);
        return store::cart_from(rows[0], rows[1], rows[2]);
    }
    static std::optional<StoredCart> fetch(db::Session& session, CartId id, const db::Query& head) {
        const std::vector<db::Call> calls{db::call(head, id), db::call(sql::lines_by_cart, id), db::call(sql::codes_by_cart, id)};
        const auto rows = session.pipeline(calls);
        return store::cart_from(rows[0], rows[1], rows[2]);
    }

    StoredCart blank(const Visitor& visitor) const {
        StoredCart cart;
        cart.currency = Currency::parse(visitor.default_currency).value_or(options_.default_currency);
        cart.locale = visitor.default_locale.empty() ? options_.default_locale : visitor.default_locale;
        cart.country = visitor.default_country.empty() ? options_.default_country : visitor.default_country;
        if (visitor.customer) cart.customer = visitor.customer->id;
        return cart;
    }

    db::Call insert(const StoredCart& cart, const std::string& token) const {
        const auto now = deps_.clock.now();
        return db::call(sql::create_cart, cart.id, token.empty() ? std::optional<std::string>() : std::optional(hash_of(token)),
                        cart.customer, cart.currency, cart.locale, cart.country, now, now + kLifetime);
    }

    // The visitor's cart under lock, or a new one.
    Editing open(db::Tx& tx, const Visitor& visitor) {
        if (auto cart = lock(tx, visitor)) return {std::move(*cart), false, {}};
        StoredCart cart = blank(visitor);
        cart.id = CartId::make();
        cart.version = 0;
        // A guest's new cart has a token nobody else can have: it is written with the change itself, in one round trip.
        if (!visitor.customer) {
            auto token = guest_token_of(options_.secret, cart.id);
            return {std::move(cart), true, std::move(token)};
        }
        // Two first adds of one customer: the second finds the cart of the first.
        if (!tx.run(insert(cart, {})).empty()) {
            cart.version = 1;
            return {std::move(cart), false, {}};
        }
        auto others = lock(tx, visitor);
        if (!others) throw db::RetryableError("40001", "", "the customer's cart was ordered while it was looked for");
        return {std::move(*others), false, {}};
    }

    static db::Call remember(const CartView& view) {
        std::vector<Uuid> ids;
        std::vector<std::int64_t> amounts;
        for (const auto& line : view.priced.lines) {
            ids.push_back(line.key);
            amounts.push_back(line.unit.minor());
        }
        return db::call(sql::remember_prices, ids, amounts, view.stored.currency);
    }

    Result<Changed> finish(db::Tx& tx, const Visitor& visitor, Editing edit, const Writes& writes) {
        const CartId id = edit.cart.id;
        const bool other_currency = writes.context && std::ranges::any_of(edit.cart.lines, [&](const StoredLine& line) {
                                        return !line.shown_unit || line.shown_unit->currency() != edit.cart.currency;
                                    });
        edit.cart.version += 1;
        // Whether an article is on sale is judged for good when the order is placed.
        Changed out{view(tx, std::move(edit.cart), visitor.customer, {.goods = catalog::Freshness::recent}), {}};
        const StoredCart& cart = out.view.stored;

        if (writes.gifts) {
            const auto line = std::ranges::find(cart.lines, *writes.gifts, &StoredLine::id);
            if (!out.view.is_gift_card(line->variant)) return fail_field("/gifts", "no_gift_card", "Only a gift card can be for somebody.");
        }
        std::optional<Money> unit;
        if (writes.put) {
            const auto line = std::ranges::find(cart.lines, *writes.put, &StoredLine::id);
            if (const auto priced = std::ranges::find(out.view.priced.lines, writes.put->uuid(), &PricedLine::key);
                priced != out.view.priced.lines.end())
                unit = priced->unit;
            const auto known = out.view.variants.find(line->variant);
            if (writes.must_be_sellable && (known == out.view.variants.end() || !may_see(out.view.buyer, known->second)))
                return refuse(ErrorKind::not_found, codes::kVariantUnknown, "There is no such article.");
            if (writes.must_be_sellable && !unit)
                return refuse(ErrorKind::conflict, codes::kVariantUnavailable, "This article is not on sale here at the moment.");
            const bool gift_card = out.view.is_gift_card(line->variant);
            if (writes.is_gift && !gift_card) return fail_field("/gift", "no_gift_card", "Only a gift card can be for somebody.");
            if (gift_card && writes.must_be_sellable && line->quantity > kMostGiftCards)
                return refuse(ErrorKind::invalid, codes::kQuantityLimit, "A cart holds at most 20 of one gift card.");
            const auto stock = out.view.supply.find(line->variant);
            if (writes.must_be_in_stock && !gift_card && (stock == out.view.supply.end() || stock->second.orderable() <= 0))
                return refuse(ErrorKind::conflict, codes::kOutOfStock, "This article is sold out.");
        }

        const auto now = deps_.clock.now();
        std::vector<db::Call> calls;
        if (edit.is_new) calls.push_back(insert(cart, edit.new_token));
        if (writes.put) {
            const auto line = std::ranges::find(cart.lines, *writes.put, &StoredLine::id);
            calls.push_back(
                db::call(sql::put_line, line->id, id, line->variant, line->quantity, unit ? std::optional(unit->minor()) : std::nullopt,
                         unit ? std::optional(unit->currency()) : std::nullopt,
                         out.view.is_gift_card(line->variant) ? to_stored(gifts_for(line->gifts, line->quantity)) : std::nullopt));
        }
        if (writes.gifts && !writes.put) {
            // Nothing else of the line: a price that has changed is still to be seen.
            const auto line = std::ranges::find(cart.lines, *writes.gifts, &StoredLine::id);
            calls.push_back(db::call(sql::put_gifts, line->id, id, to_stored(line->gifts)));
        }
        if (writes.remove) calls.push_back(db::call(sql::remove_line, *writes.remove, id));
        if (writes.put_code) calls.push_back(db::call(sql::put_code, id, *writes.put_code));
        if (writes.remove_code) calls.push_back(db::call(sql::remove_code, id, *writes.remove_code));
        if (writes.context) calls.push_back(db::call(sql::set_context, id, cart.currency, cart.locale, cart.country));
        if (other_currency && !out.view.priced.lines.empty()) calls.push_back(remember(out.view));
        // A row that is new has version 1 already.
        if (!edit.is_new) calls.push_back(db::call(sql::touch_cart, id, now, now + kLifetime));
        (void)tx.pipeline(calls);
        if (writes.less && deps_.on_less) deps_.on_less(tx, out.view);
        if (!visitor.customer) out.guest_token = edit.is_new ? edit.new_token : visitor.guest_token;
        return out;
    }

    CartDeps deps_;
    CartOptions options_;
};

}  // namespace

std::unique_ptr<Carts> make_cart(CartDeps deps, CartOptions options) {
    return std::make_unique<CartService>(std::move(deps), std::move(options));
}

}  // namespace stoa::cart
