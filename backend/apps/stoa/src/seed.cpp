#include "seed.hpp"
#include "sales.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <stdexcept>

#include "commands.hpp"

namespace stoa::app {

int run_seed(const Config& config, const Arguments& arguments) {
    if (arguments.empty()) throw std::runtime_error("say what to seed: demo, scale:N or none");
    const auto& what = arguments[0];
    if (what == "none") return 0;
    storage::init_images("stoa");
    db::Database database(config.database_url, {.max_connections = 2, .statement_timeout = std::chrono::minutes{10}});
    SystemClock clock;
    const auto catalog = catalog::make_writer();
    const auto reader = catalog::make_reader();
    const auto content = content::make_writer();
    const auto prices = pricing::make_price_book();
    const auto inventory = inventory::make_inventory(clock);
    const auto media = storage::local_store(config.media_dir);
    const SeedDeps deps{database, clock, *catalog, *reader, *content, *prices, *inventory, *media};
    const auto print = [](const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    };
    if (what == "demo") {
        const auto done = seed_demo(deps, config.demo_dir, print);
        seed_synonyms(database);
        fmt::print("demo: {} products with {} variants, {} pictures ({} not rendered yet), {} reviews, {} pages\n", done.products,
                   done.variants, done.pictures, done.pictures_missing, done.reviews, done.pages);
        return 0;
    }
    if (what.starts_with("scale:")) {
        int count = 0;
        const auto text = std::string_view(what).substr(6);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc() || end != text.data() + text.size() || count < 1 || count > 2'000'000)
            throw std::runtime_error("write scale:N with N from 1 to 2000000");
        const char* variant = std::getenv("STOA_SCALE_CATALOG");
        const bool peers = variant != nullptr && std::string_view(variant) == "peers";
        const auto done = seed_scale(deps, count, peers, print);
        fmt::print("scale: {} products with {} variants\n", done.products, done.variants);
        return 0;
    }
    throw std::runtime_error("there is no seed '" + what + "'; use demo, scale:N or none");
}

}  // namespace stoa::app
