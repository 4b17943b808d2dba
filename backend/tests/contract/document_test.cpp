// The document that clients are generated from is the one that the shop serves.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "world.hpp"

namespace stoa::testing {
namespace {

TEST(ApiDocument, the_committed_one_is_the_one_that_is_served) {
    std::ifstream file(STOA_SOURCE_DIR "/api/openapi.json");
    ASSERT_TRUE(file) << "api/openapi.json is missing. Run make gen and commit it.";
    std::stringstream committed;
    committed << file.rdbuf();
    World world;
    Shopper visitor(*world.shop);
    const auto served = visitor.get("/api/v1/openapi.json");
    ASSERT_EQ(served.status, 200);
    // Not EXPECT_EQ on the texts, whose difference would be printed line by line.
    std::istringstream left(committed.str()), right(served.text);
    std::string one, other;
    for (int line = 1; std::getline(left, one) && std::getline(right, other); ++line)
        ASSERT_EQ(one, other) << "line " << line << " differs. Run make gen and commit it.";
    EXPECT_EQ(committed.str().size(), served.text.size()) << "Run make gen and commit it.";
}

}  // namespace
}  // namespace stoa::testing
