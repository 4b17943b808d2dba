// The tax rules of this process: an immutable value behind one pointer.
#include <atomic>
#include <stdexcept>

#include <fmt/format.h>

#include "sql/pricing.hpp"
#include "stoa/events/events.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/refresh/refresher.hpp"

namespace stoa::pricing {
namespace {

class TaxBookService final : public TaxBook {
public:
    TaxBookService(db::Database& database, std::chrono::milliseconds refresh_every) : database_(database) {
        reload();
        // What another process changed: a few hundred rows.
        refresher_ = Refresher(refresh_every, "pricing: the tax rules cannot be read again; the known ones go on", [this] { reload(); });
    }

    std::shared_ptr<const TaxRules> current() const override { return rules_.load(); }

    void reload() override {
        rules_.store(database_.read([](db::Session& session) -> std::shared_ptr<const TaxRules> {
            const std::vector<db::Call> calls{db::call(sql::tax_rates), db::call(sql::eu_members), db::call(sql::legal_entity)};
            const auto answers = session.pipeline(calls);
            std::vector<TaxRow> rows;
            for (const auto row : answers[0]) {
                rows.push_back({row.get<std::string>("country"), row.get<std::string>("tax_class"), row.get<Date>("valid_from"),
                                row.get<std::int64_t>("basis_points"),
                                json::from_name<Treatment>(row.get<std::string>("treatment")).value()});
            }
            std::vector<EuMembership> members;
            for (const auto row : answers[1]) {
                members.push_back(
                    {row.get<std::string>("country"), row.get<Date>("member_from"), row.get<std::optional<Date>>("member_until")});
            }
            if (answers[2].empty()) throw std::runtime_error("pricing.legal_entity has no row 'main'");
            const auto entity = answers[2].front();
            LegalEntity own{entity.get<std::string>("code"), entity.get<std::string>("country"),
                            entity.get<std::string>("tax_rounding") == "per_document" ? TaxRounding::per_document : TaxRounding::per_line,
                            entity.get<std::string>("rounding") == "half_even" ? Rounding::half_even : Rounding::half_up};
            return std::make_shared<const TaxRules>(TaxRules{TaxTable(std::move(rows), std::move(members)), std::move(own)});
        }));
    }

    void set_rate(db::Tx& tx, const TaxRow& row) override {
        tx.exec(sql::set_tax_rate, row.country, row.tax_class, row.valid_from, row.basis_points, json::to_name(row.treatment));
        changed(tx, "rate:" + row.country);
    }

    void set_entity(db::Tx& tx, const LegalEntity& entity) override {
        if (entity.rounding != Rounding::half_up && entity.rounding != Rounding::half_even)
            throw std::invalid_argument("tax is rounded half up or half even");
        tx.exec(sql::set_legal_entity, entity.code, entity.country,
                entity.tax_rounding == TaxRounding::per_document ? "per_document" : "per_line",
                entity.rounding == Rounding::half_even ? "half_even" : "half_up");
        changed(tx, "entity:" + entity.code);
    }

private:
    void changed(db::Tx& tx, const std::string& what) {
        events::append(tx, events::NewEvent{"tax.changed", "tax:main", fmt::format(R"({{"what":{}}})", json::quote(what))});
        tx.after_commit([this] { reload(); });
    }

    db::Database& database_;
    std::atomic<std::shared_ptr<const TaxRules>> rules_;
    Refresher refresher_;  // last: it uses the others
};

}  // namespace

std::unique_ptr<TaxBook> make_tax_book(db::Database& database, std::chrono::milliseconds refresh_every) {
    return std::make_unique<TaxBookService>(database, refresh_every);
}

}  // namespace stoa::pricing
