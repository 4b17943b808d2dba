#include "stoa/ledger/ledger.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "sql/ledger.hpp"

namespace stoa::ledger {
namespace {

class PgLedger final : public Ledger {
public:
    explicit PgLedger(const Clock& clock) : clock_(clock) {}

    Result<bool> post(db::Tx& tx, const Posting& posting) override {
        std::map<std::string_view, std::int64_t> sums;
        std::vector<const Entry*> entries;
        for (const auto& entry : posting.entries) {
            if (entry.amount.is_zero()) continue;
            entries.push_back(&entry);
            sums[entry.amount.currency().code()] += entry.amount.minor();
        }
        for (const auto& [currency, sum] : sums) {
            if (sum != 0) throw std::logic_error("ledger: posting '" + posting.reference + "' is not balanced in " + std::string(currency));
        }
        const PostingId id = PostingId::make();
        if (tx.exec(sql::insert_posting, id, posting.reference, posting.kind, clock_.now()) == 0) return false;
        if (entries.empty()) return true;

        std::map<std::pair<std::string, std::string>, std::pair<std::optional<std::int64_t>, std::optional<std::int64_t>>> accounts;
        for (const auto* entry : entries)
            accounts[{entry->account, std::string(entry->amount.currency().code())}] = {entry->floor, entry->ceiling};
        std::vector<AccountId> new_ids;
        std::vector<std::string> codes, currencies;
        std::vector<std::optional<std::int64_t>> floors, ceilings;
        for (const auto& [key, limits] : accounts) {
            new_ids.push_back(AccountId::make());
            codes.push_back(key.first);
            currencies.push_back(key.second);
            floors.push_back(limits.first);
            ceilings.push_back(limits.second);
        }
        const db::Call calls[] = {db::call(sql::ensure_accounts, new_ids, codes, currencies, floors, ceilings),
                                  db::call(sql::lock_accounts, codes, currencies), db::call(sql::find_accounts, codes, currencies)};
        const auto answers = tx.pipeline(calls);
        std::map<std::pair<std::string, std::string>, AccountId> ids;
        for (const auto row : answers[2]) ids[{row.get<std::string>("code"), row.get<std::string>("currency")}] = row.get<AccountId>("id");

        // Accounts with a floor are locked in id order; entries follow the same order.
        std::vector<std::pair<AccountId, const Entry*>> ordered;
        for (const auto* entry : entries)
            ordered.emplace_back(ids.at({entry->account, std::string(entry->amount.currency().code())}), entry);
        std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        std::vector<AccountId> account_ids;
        std::vector<std::int64_t> amounts;
        std::vector<std::string> entry_currencies, subjects;
        for (const auto& [account, entry] : ordered) {
            account_ids.push_back(account);
            amounts.push_back(entry->amount.minor());
            entry_currencies.emplace_back(entry->amount.currency().code());
            subjects.push_back(entry->subject);
        }
        try {
            tx.exec(sql::insert_entries, id, account_ids, amounts, entry_currencies, subjects);
        } catch (const db::CheckViolation& violation) {
            if (violation.constraint == "account_floor" || violation.constraint == "account_ceiling")
                return fail(ErrorKind::conflict, "ledger.floor", "The balance is not sufficient.");
            throw;
        }
        return true;
    }

    Money balance(db::Session& session, std::string_view account, Currency currency) override {
        return {session.query(sql::balance, account, currency).front().get<std::int64_t>("balance"), currency};
    }

    std::vector<Balance> balances(db::Session& session, const std::vector<std::string>& accounts) override {
        std::vector<Balance> out;
        for (const auto row : session.query(sql::balances, accounts))
            out.push_back({row.get<std::string>("code"), Money(row.get<std::int64_t>("balance"), row.get<Currency>("currency"))});
        return out;
    }

    std::vector<Movement> history(db::Session& session, std::string_view account, int limit) override {
        std::vector<Movement> out;
        for (const auto row : session.query(sql::history, account, limit))
            out.push_back({row.get<std::string>("reference"), row.get<std::string>("kind"), row.get<Timestamp>("at"), row.money("amount"),
                           row.get<std::string>("subject")});
        return out;
    }

    std::vector<Balance> subject(db::Session& session, std::string_view subject) override {
        std::vector<Balance> out;
        for (const auto row : session.query(sql::subject_balances, subject))
            out.push_back({row.get<std::string>("code"), row.money("amount")});
        return out;
    }

    Audit audit(db::Session& session) override {
        const auto rows = session.query(sql::audit);
        const auto row = rows.front();
        return {row.get<std::int64_t>("unbalanced"), row.get<std::int64_t>("drifted"), row.get<std::int64_t>("total")};
    }

private:
    const Clock& clock_;
};

}  // namespace

std::unique_ptr<Ledger> make_ledger(const Clock& clock) { return std::make_unique<PgLedger>(clock); }

}  // namespace stoa::ledger
