#include "stoa/payments/credits.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "credit_accounts.hpp"
#include "sql/credits.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::payments {
namespace {

// Sixteen of thirty-two characters that nobody mixes up: eighty bits, beyond guessing.
constexpr std::string_view kAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
constexpr std::size_t kCodeLength = 16;
constexpr std::string_view kHashPurpose = "stoa/gift-card/";

std::string make_code() {
    std::string out;
    for (const char byte : crypto::random_bytes(kCodeLength)) out += kAlphabet[static_cast<unsigned char>(byte) % kAlphabet.size()];
    return out;
}

// "ABCD-EFGH-JKLM-NPQR", as people read it.
std::string spaced(std::string_view code) {
    std::string out;
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (i > 0 && i % 4 == 0) out += '-';
        out += code[i];
    }
    return out;
}

// Empty for what cannot be a code.
std::string plain(std::string_view typed) {
    std::string out;
    for (char c : typed) {
        if (c == ' ' || c == '-') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (!kAlphabet.contains(c)) return {};
        out += c;
    }
    return out.size() == kCodeLength ? out : std::string();
}

class PgCredits final : public Credits {
public:
    explicit PgCredits(CreditDependencies dependencies) : deps_(std::move(dependencies)) {}

    IssuedGiftCard issue(db::Tx& tx, const NewGiftCard& wanted, const http::StaffActor& staff) override {
        return make(tx, wanted, ledger::account::kGoodwill, "", staff.id.uuid(), staff.name);
    }

    IssuedGiftCard issue_sold(db::Tx& tx, const NewGiftCard& wanted, std::string_view account, std::string_view subject) override {
        return make(tx, wanted, account, subject, std::nullopt, "");
    }

    bool take_back(db::Tx& tx, CreditId id, std::string_view account, std::string_view subject) override {
        (void)tx.query(sql::lock_credits, std::vector<CreditId>{id});
        const auto found = find(tx, {id});
        if (found.empty()) throw std::logic_error("payments: taking back a gift card that does not exist");
        const auto& card = found.front();
        if (!card.is_untouched()) return false;
        tx.exec(sql::void_credit, id, deps_.clock.now());
        const auto posted = deps_.ledger.post(tx, {"gift-card-back:" + id.uuid().to_string(),
                                                   "gift_card_taken_back",
                                                   {{account_of(card), card.balance, std::string(subject), std::nullopt, 0},
                                                    {std::string(account), -card.balance, std::string(subject), std::nullopt}}});
        if (!posted || !*posted) throw std::logic_error("payments: an untouched gift card could not be taken back");
        return true;
    }

    std::optional<Credit> by_code(db::Session& session, std::string_view typed) override {
        const auto code = plain(typed);
        if (code.empty()) return std::nullopt;
        const auto rows = session.query(sql::credit_by_code, hash_of(code));
        if (rows.empty()) return std::nullopt;
        return find(session, {rows.front().get<CreditId>("id")}).front();
    }

    std::vector<Credit> find(db::Session& session, const std::vector<CreditId>& ids,
                             const std::optional<Uuid>& owner = std::nullopt) override {
        if (ids.empty()) return {};
        std::vector<Uuid> owners;
        if (owner) owners.push_back(*owner);
        const db::Call calls[] = {db::call(sql::find_credits, ids), db::call(sql::held_by_others, ids, deps_.clock.now(), owners)};
        const auto answers = session.pipeline(calls);
        std::map<CreditId, Credit> found;
        std::vector<std::string> accounts;
        for (const auto row : answers[0]) {
            Credit credit;
            credit.id = row.get<CreditId>("id");
            credit.kind = json::from_name<Method>(row.get<std::string>("kind")).value();
            const auto currency = row.get<Currency>("currency");
            credit.hint = row.get<std::string>("code_hint");
            credit.customer = row.get<std::optional<Uuid>>("customer_id");
            credit.issued = Money(row.get<std::int64_t>("issued"), currency);
            credit.balance = credit.available = Money::zero(currency);
            credit.email = row.get<std::string>("email");
            credit.note = row.get<std::string>("note");
            credit.staff = row.get<std::string>("staff_name");
            credit.expires_at = row.get<std::optional<Timestamp>>("expires_at");
            credit.voided = row.get<std::optional<Timestamp>>("voided_at").has_value();
            credit.suspended = row.get<std::optional<Timestamp>>("suspended_at").has_value();
            credit.created_at = row.get<Timestamp>("created_at");
            accounts.push_back(account_of(credit));
            found.emplace(credit.id, std::move(credit));
        }
        const auto balances = deps_.ledger.balances(session, accounts);
        for (auto& [id, credit] : found) {
            for (const auto& balance : balances) {
                if (balance.account == account_of(credit)) credit.balance = -balance.amount;
            }
            credit.available = credit.balance;
        }
        for (const auto row : answers[1]) {
            auto& credit = found.at(row.get<CreditId>("credit_id"));
            credit.available -= Money(row.get<std::int64_t>("amount"), credit.available.currency());
        }
        std::vector<Credit> out;
        for (const auto id : ids) {
            const auto it = found.find(id);
            if (it == found.end()) continue;
            it->second.available = std::max(it->second.available, Money::zero(it->second.available.currency()));
            out.push_back(it->second);
        }
        return out;
    }

    Credit of_customer(db::Tx& tx, const Uuid& customer, Currency currency) override {
        tx.exec(sql::ensure_store_credit, CreditId::make(), currency, customer, deps_.clock.now());
        for (auto& credit : all_of_customer(tx, customer)) {
            if (credit.balance.currency() == currency) return std::move(credit);
        }
        throw std::logic_error("payments: store credit that was just made is not there");
    }

    std::vector<Credit> all_of_customer(db::Session& session, const Uuid& customer) override {
        return find(session, ids_of(session.query(sql::credits_of_customer, customer)), std::nullopt);
    }

    std::vector<Credit> newest(db::Session& session, const std::optional<std::pair<Timestamp, Uuid>>& after, int limit,
                               const std::optional<std::string>& wanted) override {
        const auto at = after ? std::optional(after->first) : std::nullopt;
        const auto id = after ? std::optional(after->second) : std::nullopt;
        return find(session, ids_of(session.query(sql::newest_credits, at, id, limit, wanted)), std::nullopt);
    }

    std::vector<ledger::Ledger::Movement> history(db::Session& session, const Credit& credit, int limit) override {
        auto out = deps_.ledger.history(session, account_of(credit), limit);
        for (auto& movement : out) movement.amount = -movement.amount;
        return out;
    }

    Result<bool> put(db::Tx& tx, CreditId id, const Money& amount, std::string_view account, std::string_view reference,
                     std::string_view subject) override {
        const auto credit = find(tx, {id}).at(0);
        return deps_.ledger.post(tx, {std::string(reference),
                                      "credit_put",
                                      {{std::string(account), amount, std::string(subject), std::nullopt},
                                       {account_of(credit), -amount, std::string(subject), std::nullopt, 0}}});
    }

    Result<Credit> void_card(db::Tx& tx, CreditId id) override {
        (void)tx.query(sql::lock_credits, std::vector<CreditId>{id});
        const auto found = find(tx, {id});
        if (found.empty() || found.front().kind != Method::gift_card)
            return fail(ErrorKind::not_found, "payments.credit_unknown", "There is no such gift card.");
        const auto& card = found.front();
        if (card.voided) return fail(ErrorKind::conflict, "payments.credit_voided", "This gift card was blocked before.");
        if (card.available != card.balance)
            return fail(ErrorKind::conflict, "payments.credit_held", "An order is being paid with this gift card right now.");
        tx.exec(sql::void_credit, id, deps_.clock.now());
        if (!card.balance.is_zero()) {
            auto posted = deps_.ledger.post(tx, {"gift-card-void:" + id.uuid().to_string(),
                                                 "gift_card_voided",
                                                 {{account_of(card), card.balance, "", std::nullopt, 0},
                                                  {std::string(ledger::account::kGoodwill), -card.balance, "", std::nullopt}}});
            if (!posted) return std::unexpected(posted.error());
        }
        return find(tx, {id}).front();
    }

    std::int64_t suspend(db::Tx& tx, const std::vector<CreditId>& ids, bool suspended) override {
        (void)tx.query(sql::lock_credits, ids);
        return static_cast<std::int64_t>(tx.exec(sql::suspend_credits, ids, suspended, deps_.clock.now()));
    }

    Result<void> hold(db::Tx& tx, const Uuid& owner, std::span<const CreditShare> shares, Timestamp expires_at) override {
        tx.exec(sql::release_holds, owner);
        if (shares.empty()) return {};
        if (auto enough = covers(tx, owner, shares, MustBeUsable::yes); !enough) return enough;
        std::vector<CreditId> ids;
        std::vector<std::int64_t> amounts;
        for (const auto& share : shares) {
            ids.push_back(share.id);
            amounts.push_back(share.amount.minor());
        }
        tx.exec(sql::insert_holds, owner, ids, amounts, expires_at);
        return {};
    }

    void release(db::Tx& tx, const Uuid& owner) override { tx.exec(sql::release_holds, owner); }

    Result<Money> check(db::Tx& tx, const Uuid& owner, Currency currency) override {
        const auto held = holds_of(tx, owner);
        Money sum = Money::zero(currency);
        if (held.empty()) return sum;
        // It was usable when the buyer paid: an expiry in the meantime is not held against them.
        if (auto covered = covers(tx, owner, held, MustBeUsable::no); !covered) return std::unexpected(covered.error());
        for (const auto& share : held) sum += share.amount;
        return sum;
    }

    std::vector<Spent> spend(db::Tx& tx, const Uuid& owner, std::string_view reference) override {
        std::vector<Spent> out;
        for (const auto& share : holds_of(tx, owner)) {
            const auto credit = find(tx, {share.id}, owner).at(0);
            const auto id = AttemptId::make();
            const int number = tx.query(sql::next_attempt_number, owner).front().get<int>("number");
            std::string shown;
            if (credit.kind == Method::gift_card) shown = "•••• " + credit.hint;
            tx.exec(sql::insert_spent, id, owner, number, std::string(reference) + "-a" + std::to_string(number), share.amount.minor(),
                    share.amount.currency(), json::to_name(credit.kind), shown, credit_slot(share.id), credit.customer, deps_.clock.now());
            const std::string subject = "order:" + owner.to_string();
            auto posted = deps_.ledger.post(tx, {"capture:" + id.uuid().to_string(),
                                                 "capture",
                                                 {source_entry(credit.kind, credit_slot(share.id), share.amount, subject),
                                                  {std::string(ledger::account::kReceivables), -share.amount, subject, std::nullopt}}});
            if (!posted) throw std::logic_error("payments: a checked hold could not be spent");
            out.push_back({credit.kind, std::move(shown)});
        }
        tx.exec(sql::release_holds, owner);
        return out;
    }

    void sweep(db::Tx& tx) override { tx.exec(sql::purge_holds, deps_.clock.now() - std::chrono::days{1}); }

private:
    enum class MustBeUsable { yes, no };

    static std::string account_of(const Credit& credit) { return credit_account(credit.kind, credit.id.uuid()); }

    IssuedGiftCard make(db::Tx& tx, const NewGiftCard& wanted, std::string_view account, std::string_view subject,
                        const std::optional<Uuid>& staff, std::string_view staff_name) {
        if (wanted.amount.is_zero() || wanted.amount.is_negative()) throw std::logic_error("payments: a gift card without value");
        const auto id = CreditId::make();
        const auto code = make_code();
        tx.exec(sql::insert_gift_card, id, wanted.amount.currency(), hash_of(code), code.substr(kCodeLength - 4), wanted.amount.minor(),
                wanted.email, wanted.note, wanted.expires_at, staff, staff_name, deps_.clock.now());
        const auto put_on = put(tx, id, wanted.amount, account, "gift-card:" + id.uuid().to_string(), subject);
        if (!put_on || !*put_on) throw std::logic_error("payments: a new gift card could not be posted");
        return {find(tx, {id}).front(), spaced(code)};
    }

    // Keyed: whoever reads the table cannot try codes against it.
    std::string hash_of(std::string_view code) const {
        return crypto::hex(crypto::hmac_sha256(deps_.secret_key, std::string(kHashPurpose) + std::string(code)));
    }

    static std::vector<CreditId> ids_of(const db::Rows& rows) {
        std::vector<CreditId> out;
        for (const auto row : rows) out.push_back(row.get<CreditId>("id"));
        return out;
    }

    std::vector<CreditShare> holds_of(db::Tx& tx, const Uuid& owner) {
        std::vector<std::pair<CreditId, std::int64_t>> held;
        for (const auto row : tx.query(sql::holds_of, owner))
            held.emplace_back(row.get<CreditId>("credit_id"), row.get<std::int64_t>("amount"));
        if (held.empty()) return {};
        std::vector<CreditId> ids;
        for (const auto& [id, amount] : held) ids.push_back(id);
        const auto credits = find(tx, ids, owner);
        std::vector<CreditShare> out;
        for (std::size_t i = 0; i < held.size(); ++i)
            out.push_back({held[i].first, Money(held[i].second, credits.at(i).balance.currency())});
        return out;
    }

    // Under the locks of their rows, taken in one order.
    Result<void> covers(db::Tx& tx, const Uuid& owner, std::span<const CreditShare> shares, MustBeUsable usable) {
        std::vector<CreditId> ids;
        for (const auto& share : shares) ids.push_back(share.id);
        (void)tx.query(sql::lock_credits, ids);
        const auto credits = find(tx, ids, owner);
        for (const auto& share : shares) {
            const auto credit = std::ranges::find(credits, share.id, &Credit::id);
            const bool enough = credit != credits.end() && credit->available.currency() == share.amount.currency() &&
                                share.amount <= credit->available && !credit->voided && !credit->suspended &&
                                (usable == MustBeUsable::no || credit->is_usable(deps_.clock.now()));
            if (!enough) return fail(ErrorKind::conflict, "payments.credit_short", "A gift card or store credit was used in the meantime.");
        }
        return {};
    }

    CreditDependencies deps_;
};

}  // namespace

std::unique_ptr<Credits> make_credits(CreditDependencies dependencies) { return std::make_unique<PgCredits>(std::move(dependencies)); }

}  // namespace stoa::payments
