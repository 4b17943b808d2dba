// Every fuzz target with its corpus and some thousand changes of it, under the ordinary compiler: `make test` knows that the targets
// still compile and hold. The real search is `make fuzz`.
#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#define STOA_FUZZ_TARGET(name) extern "C" int fuzz_##name(const unsigned char* data, std::size_t size);
STOA_FUZZ_TARGETS
#undef STOA_FUZZ_TARGET

namespace {

struct Target {
    const char* name;
    int (*run)(const unsigned char*, std::size_t);
};
void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }
constexpr Target kTargets[] = {
#define STOA_FUZZ_TARGET(name) {#name, fuzz_##name},
    STOA_FUZZ_TARGETS
#undef STOA_FUZZ_TARGET
};

// What a target was given when it gave up; written down by the handler, since the process ends there.
std::string g_input;
const char* g_target = "";

void tell(int signal) {
    const std::string path = "/tmp/stoa-fuzz-" + std::string(g_target);
    if (std::FILE* file = std::fopen(path.c_str(), "wb")) {
        std::fwrite(g_input.data(), 1, g_input.size(), file);
        std::fclose(file);
    }
    std::fprintf(stderr, "fuzz target %s does not hold for the %zu bytes in %s\n", g_target, g_input.size(), path.c_str());
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void run(const Target& target, std::string input) {
    g_input = std::move(input);
    g_target = target.name;
    target.run(reinterpret_cast<const unsigned char*>(g_input.data()), g_input.size());
}

std::string changed(const std::vector<std::string>& corpus, std::mt19937_64& random) {
    std::string text = corpus[random() % corpus.size()];
    const auto at = [&] { return static_cast<std::size_t>(random() % (text.size() + 1)); };
    for (auto times = 1 + random() % 6; times > 0; --times) {
        switch (random() % 7) {
            case 0:
                if (!text.empty()) text[random() % text.size()] ^= static_cast<char>(1 << (random() % 8));
                break;
            case 1:
                text.insert(at(), 1, static_cast<char>(random() % 256));
                break;
            case 2: {
                static constexpr std::string_view kTelling[] = {"\"",
                                                                "\\",
                                                                "\r\n",
                                                                "\n\n",
                                                                "%",
                                                                "%00",
                                                                "&",
                                                                "=",
                                                                "<",
                                                                "</",
                                                                "{{",
                                                                "}}",
                                                                "[",
                                                                "]",
                                                                "{",
                                                                "}",
                                                                ",",
                                                                ";",
                                                                "\t",
                                                                "-1",
                                                                "99999999999999999999",
                                                                "1e999",
                                                                "\xff",
                                                                "\xe2\x80",
                                                                "\xef\xbb\xbf",
                                                                "..",
                                                                "/",
                                                                "#",
                                                                "*",
                                                                "_",
                                                                "`",
                                                                "|"};
                text.insert(at(), kTelling[random() % std::size(kTelling)]);
                break;
            }
            case 3:
                if (!text.empty()) text.erase(random() % text.size(), 1 + random() % 8);
                break;
            case 4: {
                const auto from = at();
                text.insert(at(), text.substr(from, random() % 40));
                break;
            }
            case 5: {
                const auto& other = corpus[random() % corpus.size()];
                const auto from = static_cast<std::size_t>(random() % (other.size() + 1));
                text = text.substr(0, at()) + other.substr(from);
                break;
            }
            default:
                text.resize(at());
        }
    }
    if (text.size() > 20000) text.resize(20000);
    return text;
}

class Replay : public ::testing::TestWithParam<Target> {
protected:
    static void SetUpTestSuite() {
        for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) std::signal(signal, tell);
    }
};

TEST_P(Replay, holds_for_its_corpus_and_for_changes_of_it) {
    const auto& target = GetParam();
    std::vector<std::string> corpus;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(STOA_SOURCE_DIR "/backend/fuzz/corpus/") + target.name)) {
        std::ifstream file(entry.path(), std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    ASSERT_FALSE(corpus.empty()) << "a target needs examples to begin with";
    std::sort(corpus.begin(), corpus.end());
    run(target, "");
    for (const auto& text : corpus) run(target, text);
    const char* given = std::getenv("STOA_TEST_SEED");
    std::mt19937_64 random(given ? std::strtoull(given, nullptr, 10) : 20261127);
    for (int i = 0; i < 4000; ++i) run(target, changed(corpus, random));
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Replay, ::testing::ValuesIn(kTargets), [](const auto& one) { return std::string(one.param.name); });

}  // namespace
