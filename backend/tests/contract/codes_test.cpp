// docs/reference/api-errors.md has every problem code that the sources can answer with, and no other.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "stage.hpp"

namespace stoa::testing {
namespace {

std::set<std::string> codes_in_sources() {
    // Codes stand behind their kind or status, in a module's codes.hpp, or (those of the front and of declines) speak for themselves.
    static const std::regex kPlaces[] = {std::regex(R"re(ErrorKind::\w+\s*,\s*(?:std::string\()?"([a-z_]+\.[a-z0-9_]+)")re"),
                                         std::regex(R"re(problem_with\(\s*\d+\s*,\s*"([a-z_]+\.[a-z0-9_]+)")re"),
                                         std::regex(R"re(\.code\s*=\s*"([a-z_]+\.[a-z0-9_]+)")re"),
                                         std::regex(R"re(DeclineDto\{"([a-z_]+\.[a-z0-9_]+)")re"),
                                         std::regex(R"re("(payments\.declined_[a-z_]+)")re"),
                                         std::regex(R"re("(http\.[a-z_]+)")re")};
    static const std::regex kConstant(R"re(=\s*"([a-z_]+\.[a-z0-9_]+)")re");
    std::set<std::string> out;
    for (const auto* root : {"/backend/platform/src", "/backend/platform/include", "/backend/modules", "/backend/apps/stoa/src"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(STOA_SOURCE_DIR) + root)) {
            const auto path = entry.path();
            if ((path.extension() != ".cpp" && path.extension() != ".hpp") || path.string().find("/tests/") != std::string::npos) continue;
            std::ifstream file(path);
            const std::string text((std::istreambuf_iterator<char>(file)), {});
            const auto collect = [&](const std::regex& place) {
                for (std::sregex_iterator it(text.begin(), text.end(), place), end; it != end; ++it) out.insert((*it)[1].str());
            };
            for (const auto& place : kPlaces) collect(place);
            if (path.filename() == "codes.hpp") collect(kConstant);
        }
    }
    return out;
}

TEST(Codes, the_reference_lists_what_the_sources_say_and_nothing_else) {
    const auto sources = codes_in_sources();
    const auto reference = documented_codes();
    ASSERT_GT(sources.size(), 80U);
    for (const auto& code : sources) EXPECT_TRUE(reference.contains(code)) << code << " has no row in docs/reference/api-errors.md";
    for (const auto& [code, row] : reference) {
        EXPECT_TRUE(sources.contains(code)) << code << " has a row, but no source says it";
        // code, status, meaning, cure
        EXPECT_EQ(std::count(row.begin(), row.end(), '|'), 5) << row;
        EXPECT_EQ(row.find("|  |"), std::string::npos) << row;
    }
}

// docs/reference/events.md names everybody who listens and every job, and the events that are listened to.
TEST(Events, the_reference_names_every_handler_and_job_and_no_other) {
    World world;
    std::ifstream file(STOA_SOURCE_DIR "/docs/reference/events.md");
    const std::string page((std::istreambuf_iterator<char>(file)), {});
    const auto jobs_at = page.find("\n## Jobs");
    const auto names_at = page.find("The handlers' names");
    ASSERT_NE(jobs_at, std::string::npos);
    ASSERT_LT(names_at, jobs_at);
    const auto quoted = [](const std::string& text) {
        static const std::regex kName(R"re(`([a-z_]+\.[a-z_]+)`)re");
        std::set<std::string> out;
        for (std::sregex_iterator it(text.begin(), text.end(), kName), end; it != end; ++it) out.insert((*it)[1].str());
        return out;
    };
    const auto events = quoted(page.substr(0, names_at));
    const auto handlers = quoted(page.substr(names_at, jobs_at - names_at));
    std::set<std::string> jobs;  // the first cell of each row
    std::istringstream rows(page.substr(jobs_at));
    for (std::string row; std::getline(rows, row);)
        if (row.starts_with("| `")) jobs.merge(quoted(row.substr(0, row.find('|', 1))));

    std::set<std::string> listening;
    for (const auto& subscription : world.shop->subscriptions()) {
        listening.insert(subscription.handler);
        EXPECT_TRUE(handlers.contains(subscription.handler)) << subscription.handler << " is not in docs/reference/events.md";
        for (const auto& type : subscription.types) {
            if (type.find('*') != std::string::npos) continue;
            EXPECT_TRUE(events.contains(type)) << type << ", to which " << subscription.handler
                                               << " listens, is not in docs/reference/events.md";
        }
    }
    for (const auto& handler : handlers)
        EXPECT_TRUE(listening.contains(handler)) << handler << " is in docs/reference/events.md, but does not listen";
    std::set<std::string> done;
    for (const auto& handler : world.shop->job_handlers()) done.insert(handler.kind);
    for (const auto& schedule : world.shop->schedules())
        EXPECT_TRUE(done.contains(schedule.kind)) << schedule.name << " is scheduled, and nobody does it";
    for (const auto& kind : done) EXPECT_TRUE(jobs.contains(kind)) << kind << " has no row in docs/reference/events.md";
    // The worker does this one by itself.
    done.insert("platform.purge_jobs");
    for (const auto& kind : jobs) EXPECT_TRUE(done.contains(kind)) << kind << " has a row in docs/reference/events.md, but nobody does it";
}

TEST(Codes, the_document_names_only_codes_that_have_a_row) {
    World world;
    Shopper visitor(*world.shop);
    const Document document(visitor.get("/api/v1/openapi.json").text);
    const auto reference = documented_codes();
    for (const auto& operation : document.operations()) {
        const auto* parts = operation.node->at("responses", "4XX", "content", "application/problem+json", "schema", "allOf");
        ASSERT_TRUE(parts) << operation.id;
        for (const auto& code : parts->items().back().at("properties", "code", "enum")->items())
            EXPECT_TRUE(reference.contains(code.text()))
                << operation.id << " declares " << code.text() << ", which has no row in docs/reference/api-errors.md";
    }
}

}  // namespace
}  // namespace stoa::testing
