#include <mutex>
#include <unordered_map>

#include "stoa/catalog/make.hpp"

namespace stoa::catalog {
namespace {

constexpr auto kLife = std::chrono::seconds{2};
constexpr std::size_t kMost = 50'000;

// Shared with reads that are under way, which may outlive the catalogue.
class Memory {
public:
    std::uint64_t generation() const {
        const std::lock_guard lock(mutex_);
        return generation_;
    }

    // All of them, or nothing: what is not known may exist by now.
    std::optional<std::vector<VariantInfo>> find(std::span<const VariantId> ids, std::string_view locale, Timestamp at) const {
        const std::lock_guard lock(mutex_);
        const auto texts = by_locale_.find(std::string(locale));
        if (texts == by_locale_.end()) return std::nullopt;
        std::vector<VariantInfo> out;
        out.reserve(ids.size());
        for (const auto& id : ids) {
            const auto found = texts->second.find(id.uuid());
            if (found == texts->second.end() || at < found->second.read_at || at - found->second.read_at > kLife) return std::nullopt;
            out.push_back(found->second.info);
        }
        return out;
    }

    // What was read before a forget() is not kept: it may be older than the change.
    void keep(const std::vector<VariantInfo>& infos, std::string_view locale, Timestamp at, std::uint64_t generation) {
        const std::lock_guard lock(mutex_);
        if (generation != generation_) return;
        auto& texts = by_locale_[std::string(locale)];
        if (texts.size() + infos.size() > kMost) texts.clear();
        for (const auto& info : infos) texts.insert_or_assign(info.id.uuid(), Known{info, at});
    }

    void forget() {
        const std::lock_guard lock(mutex_);
        ++generation_;
        by_locale_.clear();
    }

private:
    struct Known {
        VariantInfo info;
        Timestamp read_at{};
    };
    mutable std::mutex mutex_;
    std::uint64_t generation_ = 0;
    std::unordered_map<std::string, std::unordered_map<Uuid, Known>> by_locale_;
};

class RememberingCatalog final : public Catalog {
public:
    explicit RememberingCatalog(std::unique_ptr<Catalog> inner) : inner_(std::move(inner)) {}

    db::Read<std::vector<VariantInfo>> read_variants(std::span<const VariantId> ids, std::string_view locale, Timestamp at,
                                                     Freshness freshness) override {
        if (freshness == Freshness::recent) {
            if (auto known = memory_->find(ids, locale, at))
                return {.calls = {}, .finish = [known = std::move(*known)](std::span<const db::Rows>) { return known; }};
        }
        auto read = inner_->read_variants(ids, locale, at, freshness);
        read.finish = [inner = std::move(read.finish), memory = memory_, generation = memory_->generation(), locale = std::string(locale),
                       at](std::span<const db::Rows> rows) {
            auto infos = inner(rows);
            memory->keep(infos, locale, at, generation);
            return infos;
        };
        return read;
    }

    void forget() override { memory_->forget(); }

    bool has_product(db::Session& session, ProductId id) override { return inner_->has_product(session, id); }
    Result<ReviewId> add_review(db::Tx& tx, const NewReview& review) override { return inner_->add_review(tx, review); }
    std::vector<OwnReview> reviews_of(db::Session& session, const Uuid& customer, std::string_view locale) override {
        return inner_->reviews_of(session, customer, locale);
    }
    std::optional<Review> review(db::Session& session, ReviewId id) override { return inner_->review(session, id); }

private:
    std::unique_ptr<Catalog> inner_;
    std::shared_ptr<Memory> memory_ = std::make_shared<Memory>();
};

}  // namespace

std::unique_ptr<Catalog> make_remembering_catalog(std::unique_ptr<Catalog> inner) {
    return std::make_unique<RememberingCatalog>(std::move(inner));
}

}  // namespace stoa::catalog
