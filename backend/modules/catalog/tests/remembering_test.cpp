// Which reads are answered from memory.
#include <gtest/gtest.h>

#include "stoa/catalog/make.hpp"

namespace stoa::catalog {
namespace {

// Answers without a database: finish() gets no rows. Counts what was asked of it.
class Counting final : public Catalog {
public:
    explicit Counting(int& asked) : asked_(asked) {}
    db::Read<std::vector<VariantInfo>> read_variants(std::span<const VariantId> ids, std::string_view locale, Timestamp at,
                                                     Freshness freshness) override {
        return {.calls = {},
                .finish = [this, wanted = std::vector<VariantId>(ids.begin(), ids.end()), locale = std::string(locale), at,
                           freshness](std::span<const db::Rows>) {
                    ++asked_;
                    std::vector<VariantInfo> out;
                    for (const auto& id : wanted) {
                        if (id == missing) continue;
                        VariantInfo info;
                        info.id = id;
                        info.product_name = name + " " + locale;
                        out.push_back(std::move(info));
                    }
                    return out;
                }};
    }
    bool has_product(db::Session&, ProductId) override { return true; }
    Result<ReviewId> add_review(db::Tx&, const NewReview&) override { return ReviewId::make(); }
    std::vector<OwnReview> reviews_of(db::Session&, const Uuid&, std::string_view) override { return {}; }
    std::optional<Review> review(db::Session&, ReviewId) override { return std::nullopt; }

    std::string name = "Chair";
    VariantId missing;

private:
    int& asked_;
};

class Remembering : public testing::Test {
protected:
    Remembering() {
        auto inner = std::make_unique<Counting>(asked);
        source = inner.get();
        catalog = make_remembering_catalog(std::move(inner));
    }
    std::vector<VariantInfo> read(const std::vector<VariantId>& ids, Timestamp at, Freshness freshness, std::string_view locale = "en") {
        return catalog->read_variants(ids, locale, at, freshness).finish({});
    }
    int asked = 0;
    Counting* source = nullptr;
    std::unique_ptr<Catalog> catalog;
    const VariantId one = VariantId::make(), two = VariantId::make();
    const Timestamp start{std::chrono::hours{500'000}};
};

TEST_F(Remembering, recent_reads_are_answered_from_memory_and_others_never) {
    EXPECT_EQ(read({one, two}, start, Freshness::now).size(), 2U);
    source->name = "Stool";
    const auto again = read({two, one}, start + std::chrono::seconds{2}, Freshness::recent);
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[0].id, two);
    EXPECT_EQ(again[0].product_name, "Chair en");
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(read({one}, start, Freshness::now)[0].product_name, "Stool en");
    EXPECT_EQ(asked, 2);
    // What was read now is what a recent read answers from then on.
    EXPECT_EQ(read({one}, start, Freshness::recent)[0].product_name, "Stool en");
    EXPECT_EQ(asked, 2);
}

TEST_F(Remembering, memory_ends_after_two_seconds_in_another_language_and_at_a_change) {
    (void)read({one}, start, Freshness::recent);
    (void)read({one}, start + std::chrono::milliseconds{2001}, Freshness::recent);
    EXPECT_EQ(asked, 2);
    EXPECT_EQ(read({one}, start, Freshness::recent, "de")[0].product_name, "Chair de");
    EXPECT_EQ(asked, 3);
    catalog->forget();
    (void)read({one}, start, Freshness::recent, "de");
    EXPECT_EQ(asked, 4);
}

TEST_F(Remembering, what_is_missing_is_looked_for_again) {
    source->missing = one;
    EXPECT_TRUE(read({one}, start, Freshness::recent).empty());
    source->missing = VariantId{};
    EXPECT_EQ(read({one}, start, Freshness::recent).size(), 1U);
}

TEST_F(Remembering, a_read_that_began_before_a_change_is_not_kept) {
    const auto slow = catalog->read_variants(std::vector{one}, "en", start, Freshness::recent);
    catalog->forget();
    source->name = "New";
    (void)slow.finish({});
    (void)read({one}, start, Freshness::recent);
    EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace stoa::catalog
