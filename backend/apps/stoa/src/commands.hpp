#pragma once
// The sub-commands of the program; each returns the exit code of the process.
#include <string>
#include <vector>

#include "stoa/config/config.hpp"

namespace stoa::app {

using Arguments = std::vector<std::string>;

int run_serve(const Config& config);
int run_worker(const Config& config);
int run_migrate(const Config& config, const Arguments& arguments);
int run_seed(const Config& config, const Arguments& arguments);
int run_import(const Config& config, const Arguments& arguments);
int run_reconcile(const Config& config, const Arguments& arguments);
int run_doctor(const Config& config, const Arguments& arguments);
int run_buyer(const Config& config, const Arguments& arguments);
int run_audience(const Config& config, const Arguments& arguments);
int run_staff(const Config& config, const Arguments& arguments);
int run_jobs(const Config& config, const Arguments& arguments);
int run_openapi(const Config& config, const Arguments& arguments);

}  // namespace stoa::app
