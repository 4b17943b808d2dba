#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "commands.hpp"
#include "stoa/config/config.hpp"
#include "stoa/log/log.hpp"

namespace {

using stoa::app::Arguments;

struct Command {
    const char* name;
    const char* help;
    std::function<int(const stoa::Config&, const Arguments&)> run;
};

const std::vector<Command>& commands() {
    static const std::vector<Command> list{
        {"serve", "the HTTP API", [](const auto& config, const auto&) { return stoa::app::run_serve(config); }},
        {"worker", "background jobs, events, mails", [](const auto& config, const auto&) { return stoa::app::run_worker(config); }},
        {"migrate", "bring the database to this program's schema", stoa::app::run_migrate},
        {"seed", "demo | scale:N | none: fill the shop; safe to repeat", stoa::app::run_seed},
        {"import",
         "catalogue FILE.csv | prices FILE.csv | part-numbers FILE.csv [--dry-run] | online-retail PATH | relevance PATH: load a "
         "merchant's "
         "data",
         stoa::app::run_import},
        {"reconcile", "[YYYY-MM-DD]: compare a day's payments with the provider's list", stoa::app::run_reconcile},
        {"buyer", "EMAIL [--groups A,B] [--company ID | --company none]: whose prices and products a customer has", stoa::app::run_buyer},
        {"audience", "HANDLE [--groups A,B] [--companies ID,ID] | HANDLE everybody: who may see a product", stoa::app::run_audience},
        {"jobs", "[list] | replay ID | replay all: background work that was given up, and another try", stoa::app::run_jobs},
        {"staff", "add EMAIL NAME [ROLE...] [--password-stdin]: an account for the back office, an administrator's unless roles are named",
         stoa::app::run_staff},
        {"doctor", "check configuration, database, Redis and providers; say what to fix (--list: all settings)", stoa::app::run_doctor},
        {"openapi", "print the API document", stoa::app::run_openapi},
    };
    return list;
}

int usage(FILE* to) {
    std::fputs("usage: stoa COMMAND [ARGUMENTS]\n\n", to);
    for (const auto& command : commands()) std::fprintf(to, "  %-10s %s\n", command.name, command.help);
    std::fputs("\nSettings come from the environment: stoa doctor --list\n", to);
    return to == stdout ? 0 : 2;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return usage(stderr);
    const std::string name = argv[1];
    if (name == "help" || name == "--help" || name == "-h") return usage(stdout);
    const Arguments arguments(argv + 2, argv + argc);
    for (const auto& command : commands()) {
        if (name != command.name) continue;
        try {
            const auto config = stoa::load_config();
            stoa::log::set_level(config.log_level);
            return command.run(config, arguments);
        } catch (const stoa::ConfigError& error) {
            std::fprintf(stderr, "stoa: the configuration is wrong: %s\n", error.what());
            return 2;
        } catch (const std::exception& error) {
            std::fprintf(stderr, "stoa %s: %s\n", name.c_str(), error.what());
            return 1;
        }
    }
    std::fprintf(stderr, "stoa: there is no command '%s'\n", name.c_str());
    return usage(stderr);
}
