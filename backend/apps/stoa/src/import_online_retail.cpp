#include "import_online_retail.hpp"

#include <fmt/format.h>

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

#include "commands.hpp"
#include "import_online_retail_files.hpp"
#include "import_online_retail_goods.hpp"
#include "sales.hpp"
#include "sql/history.hpp"
#include "stoa/customers/make.hpp"
#include "stoa/messaging/make.hpp"
#include "stoa/redis/redis.hpp"

namespace stoa::app {
namespace {

const std::vector<std::string> kColumns{"InvoiceNo",   "StockCode", "Description", "Quantity",
                                        "InvoiceDate", "UnitPrice", "CustomerID",  "Country"};

struct Document {
    std::string number, customer, country_name;
    LineKind kind = LineKind::sale;
    Timestamp at{};
};
struct Rejected {
    std::int64_t row;
    std::string reason, content;
};
// What one transaction writes.
struct Batch {
    std::int64_t first = 0, last = 0;  // rows read before it and with it
    std::string lines;                 // of the COPY
    std::vector<Document> documents;
    std::unordered_map<std::string, std::size_t> by_number;
    std::vector<Rejected> rejected;

    void clear(std::int64_t at) {
        first = last = at;
        lines.clear();
        documents.clear();
        by_number.clear();
        rejected.clear();
    }
};

std::string joined(const std::vector<std::string>& cells) {
    std::string out;
    for (const auto& cell : cells) {
        if (!out.empty()) out += ',';
        const bool quote = cell.find_first_of(",\"\n\r") != std::string::npos;
        if (quote) out += '"';
        for (const char c : cell) {
            if (c == '"') out += '"';
            out += c;
        }
        if (quote) out += '"';
    }
    return out;
}

// The database refuses broken UTF-8 and long texts; what is shown of a refused row need not be exact.
std::string printable(std::string text) {
    for (auto& c : text) c = static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126 ? '?' : c;
    if (text.size() > 1000) text.resize(1000);
    return text;
}

bool valid_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t more = lead < 0x80                   ? 0
                                 : lead >= 0xC2 && lead < 0xE0 ? 1
                                 : lead >= 0xE0 && lead < 0xF0 ? 2
                                 : lead >= 0xF0 && lead < 0xF5 ? 3
                                                               : 9;
        if (more == 9 || i + more >= text.size() || lead == 0) return false;
        for (std::size_t k = 1; k <= more; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
        }
        if ((lead == 0xE0 && static_cast<unsigned char>(text[i + 1]) < 0xA0) ||
            (lead == 0xED && static_cast<unsigned char>(text[i + 1]) > 0x9F) ||
            (lead == 0xF0 && static_cast<unsigned char>(text[i + 1]) < 0x90) ||
            (lead == 0xF4 && static_cast<unsigned char>(text[i + 1]) > 0x8F))
            return false;
        i += more + 1;
    }
    return true;
}

class History {
public:
    History(const OnlineRetailDeps& deps, const OnlineRetailOptions& options, const Progress& progress, OnlineRetailResult& result)
        : deps_(deps), options_(options), progress_(progress), result_(result) {}

    // Returns the id of the source.
    std::int64_t run() {
        const auto path = options_.directory + "/online-retail.csv.zst";
        const auto hash = file_sha256(path);
        deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::start_history, kOnlineRetail, hash, deps_.clock.now()); });
        struct State {
            std::int64_t id, read, rejected;
            std::string hash;
            bool finished;
        };
        const auto state = deps_.database.read([&](db::Session& session) {
            const auto row = session.query(sql::history_source, kOnlineRetail).front();
            return State{row.get<std::int64_t>("id"), row.get<std::int64_t>("rows_read"), row.get<std::int64_t>("rows_rejected"),
                         row.get<std::string>("content_hash"), row.get<std::optional<Timestamp>>("finished_at").has_value()};
        });
        if (state.hash != hash)
            throw std::runtime_error(path +
                                     " is not the file whose rows are here already; they stay as they are. Use the same file, or delete "
                                     "the row 'online-retail' of history.source to begin again");
        id_ = state.id;
        result_.rows_before = state.read;
        result_.rejected = state.rejected;
        if (state.finished) {
            progress_(fmt::format("history: all {} rows were taken over before", state.read));
            return id_;
        }
        if (state.read > 0) {
            progress_(fmt::format("history: going on after row {}", state.read));
            deps_.database.read([&](db::Session& session) {
                for (const auto row : session.query(sql::history_documents, id_))
                    owners_[row.get<std::string>("number")] =
                        row.get<std::string>("customer_ref") + '|' + row.get<std::string>("country_name");
            });
        }
        read_rows(path, state.read);
        deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::finish_history, id_, deps_.clock.now()); });
        return id_;
    }

private:
    void read_rows(const std::string& path, std::int64_t skip) {
        const auto bytes = open_file(path);
        CsvStream csv(*bytes);
        std::vector<std::string> cells;
        if (!csv.next(cells) || cells != kColumns) throw std::runtime_error(path + ": the columns are not the expected ones");
        const auto began = std::chrono::steady_clock::now();
        std::int64_t row = 0;
        Batch batch;
        batch.clear(skip);
        while (csv.next(cells)) {
            ++row;
            if (row <= skip) continue;
            take(row, cells, batch);
            batch.last = row;
            if (batch.last - batch.first == options_.batch_rows) {
                write(batch);
                report(batch, began);
                batch.clear(row);
            }
        }
        if (row < skip) throw std::runtime_error(path + " is shorter than it was");
        if (batch.last > batch.first) {
            write(batch);
            report(batch, began);
        }
    }

    void take(std::int64_t number, const std::vector<std::string>& cells, Batch& batch) {
        const auto refuse = [&](std::string reason) { batch.rejected.push_back({number, std::move(reason), printable(joined(cells))}); };
        for (const auto& cell : cells) {
            if (!valid_utf8(cell)) return refuse("a cell is not UTF-8 text");
        }
        if (auto problem = read_row(cells, row_)) return refuse(std::move(*problem));
        const auto owner = row_.customer + '|' + row_.country_name;
        const auto [known, fresh] = owners_.try_emplace(row_.document, owner);
        if (!fresh && known->second != owner) return refuse("the rows before it of this InvoiceNo have another customer or country");
        const auto [place, unseen] = batch.by_number.try_emplace(row_.document, batch.documents.size());
        if (unseen) batch.documents.push_back({row_.document, row_.customer, row_.country_name, row_.kind, row_.at});
        auto& document = batch.documents[place->second];
        document.at = std::min(document.at, row_.at);
        if (row_.kind == LineKind::sale) document.kind = LineKind::sale;

        auto& out = batch.lines;
        fmt::format_to(std::back_inserter(out), "{}\t{}\t{}\t{}\t", id_, number, row_.document, name_of(row_.kind));
        db::append_copy_value(out, row_.code);
        out += '\t';
        db::append_copy_value(out, row_.sku);
        out += row_.goods ? "\tt\t" : "\tf\t";
        db::append_copy_value(out, row_.description);
        fmt::format_to(std::back_inserter(out), "\t{}\t{}\tGBP\t{}\n", row_.quantity, row_.price_milli, to_rfc3339(row_.at));
    }

    // Rows, documents, customers, refusals and the note of how far it got: all or nothing.
    void write(const Batch& batch) {
        std::unordered_set<std::string> customers;
        deps_.database.in_tx([&](db::Tx& tx) {
            customers.clear();
            const auto state = tx.query(sql::history_source_for_update, kOnlineRetail).front();
            if (state.get<std::int64_t>("rows_read") != batch.first) throw std::runtime_error("another import of the same data is running");
            std::vector<std::string> numbers, kinds, names;
            std::vector<std::optional<customers::CustomerId>> ids;
            std::vector<std::optional<std::string>> refs, countries;
            std::vector<Timestamp> times;
            for (const auto& document : batch.documents) {
                numbers.push_back(document.number);
                kinds.emplace_back(name_of(document.kind));
                names.push_back(document.country_name);
                const auto code = country_code(document.country_name);
                countries.push_back(code ? std::optional(std::string(*code)) : std::nullopt);
                times.push_back(document.at);
                ids.emplace_back();
                refs.emplace_back();
                if (document.customer.empty()) continue;
                refs.back() = document.customer;
                ids.back() = customers::CustomerId::derived("online-retail:" + document.customer);
                if (customers_.contains(document.customer) || !customers.insert(document.customer).second) continue;
                customers::NewCustomer customer;
                customer.id = ids.back();
                customer.source_ref = std::string(kOnlineRetail) + ':' + document.customer;
                customer.groups = {std::string(kTradeGroup)};
                (void)deps_.customers.create(tx, customer);
            }
            tx.exec(sql::put_history_documents, id_, numbers, kinds, ids, refs, names, countries, times);
            copy(tx,
                 "copy history.line (source_id, row_number, document_number, kind, code, sku, goods, description, quantity, "
                 "unit_price_milli, currency, at) from stdin",
                 batch.lines);
            std::string refused;
            for (const auto& one : batch.rejected) {
                const std::array<db::Param, 4> values{db::to_param(id_), db::to_param(one.row), db::to_param(one.reason),
                                                      db::to_param(one.content)};
                refused += db::copy_line(values);
            }
            if (!refused.empty()) copy(tx, "copy history.rejected_row (source_id, row_number, reason, content) from stdin", refused);
            if (tx.exec(sql::advance_history, id_, batch.first, batch.last, static_cast<std::int64_t>(batch.rejected.size()),
                        deps_.clock.now()) != 1)
                throw std::logic_error("history.source moved under its lock");
        });
        for (const auto& customer : customers) customers_.insert(customer);
        result_.customers = static_cast<std::int64_t>(customers_.size());
        result_.rows += batch.last - batch.first;
        result_.rejected += static_cast<std::int64_t>(batch.rejected.size());
    }

    static void copy(db::Tx& tx, std::string_view statement, const std::string& lines) {
        std::size_t at = 0;
        tx.copy_in(statement, [&](std::string& buffer) {
            constexpr std::size_t kPiece = 1 << 18;
            if (at == lines.size()) return false;
            const auto size = std::min(kPiece, lines.size() - at);
            buffer.append(lines, at, size);
            at += size;
            return true;
        });
    }

    void report(const Batch& batch, std::chrono::steady_clock::time_point began) {
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
        progress_(fmt::format("history: {} rows, {:.0f} a second, {} customers, {} rejected", batch.last,
                              static_cast<double>(result_.rows) / std::max(passed.count(), 1e-6), result_.customers, result_.rejected));
    }

    const OnlineRetailDeps& deps_;
    const OnlineRetailOptions& options_;
    const Progress& progress_;
    OnlineRetailResult& result_;
    std::int64_t id_ = 0;
    RetailRow row_;
    std::unordered_map<std::string, std::string> owners_;  // customer and country of every document so far
    std::unordered_set<std::string> customers_;            // written by this run
};

void write_rejects(db::Database& database, std::int64_t source, const std::string& path) {
    std::ofstream file(path, std::ios::binary);
    file << "row,reason,content\n";
    database.read([&](db::Session& session) {
        for (const auto row : session.query(sql::history_rejected, source)) {
            const auto number = row.get<std::int64_t>("row_number");
            file << joined({std::to_string(number), row.get<std::string>("reason"), row.get<std::string>("content")}) << '\n';
        }
    });
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace

OnlineRetailResult import_online_retail(const OnlineRetailDeps& deps, const OnlineRetailOptions& options, const Progress& progress) {
    OnlineRetailResult result;
    const auto goods = read_goods(options.directory);
    save_goods(deps, goods, result, progress);
    const auto source = History(deps, options, progress, result).run();
    // Without fresh figures the planner reads a table of half a million rows as if it were empty.
    if (result.rows > 0) deps.database.read([](db::Session& session) { (void)session.run_text("analyze history.document, history.line"); });
    save_stock(deps, source, goods, result);
    if (result.rejected > 0 && !options.rejects.empty()) {
        write_rejects(deps.database, source, options.rejects);
        progress(fmt::format("history: {} rejected rows with their reasons are in {}", result.rejected, options.rejects));
    }
    return result;
}

int run_online_retail(const Config& config, const Arguments& arguments) {
    OnlineRetailOptions options;
    options.rejects = "online-retail-rejected.csv";
    bool only_verify = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--verify")
            only_verify = true;
        else if (arguments[i] == "--rejects" && i + 1 < arguments.size())
            options.rejects = arguments[++i];
        else if (options.directory.empty() && !arguments[i].starts_with("--"))
            options.directory = arguments[i];
        else
            throw std::runtime_error("usage: stoa import online-retail DIRECTORY [--verify] [--rejects FILE]");
    }
    if (options.directory.empty()) throw std::runtime_error("usage: stoa import online-retail DIRECTORY [--verify] [--rejects FILE]");
    db::Database database(config.database_url, {.max_connections = 2, .statement_timeout = std::chrono::minutes{10}});
    const auto print = [](const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    };
    if (!only_verify) {
        SystemClock clock;
        redis::Redis redis(config.redis_url);
        messaging::Options mail;
        mail.mail_from = config.mail_from;
        mail.secret_key = config.secret_key;
        mail.public_url = config.public_url;
        const auto messages = messaging::make_messages(clock, mail);
        const auto mailer = messaging::make_account_mailer(*messages);
        const auto customers = customers::make_customers(database, redis, clock, *mailer, {config.public_url, 1});
        const auto catalog = catalog::make_writer();
        const auto prices = pricing::make_price_book();
        const auto began = std::chrono::steady_clock::now();
        const auto done = import_online_retail({database, clock, *catalog, *prices, *customers}, options, print);
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        print(
            fmt::format("online retail: {} new goods, {} customers, {} rows ({} before), {} rejected, stock for {}; {:.1f} s, at most "
                        "{:.0f} MB of memory",
                        done.goods, done.customers, done.rows, done.rows_before, done.rejected, done.stocked, passed.count(),
                        static_cast<double>(usage.ru_maxrss) / 1024));
    }
    if (!only_verify) {
        const auto learnt = learn_from_sales(database);
        print(fmt::format("sales: {} baskets, popularity of {} products, {} pairs bought together", learnt.baskets, learnt.products,
                          learnt.pairs));
    }
    std::string facts;
    if (std::ifstream file(options.directory + "/facts.json", std::ios::binary); file)
        facts.assign(std::istreambuf_iterator<char>(file), {});
    const auto differences = verify_online_retail(database, facts);
    std::int64_t same = 0, different = 0;
    for (const auto& one : differences) {
        (one.same ? same : different) += 1;
        if (facts.empty())
            print(fmt::format("{} = {}", one.what, one.actual));
        else if (!one.same)
            print(fmt::format("DIFFERENT {}: the facts say {}, the database says {}", one.what, one.expected, one.actual));
        else if (only_verify)
            print(fmt::format("same {} = {}", one.what, one.actual));
    }
    if (facts.empty()) {
        print("facts.json is not beside the data: nothing to compare these totals with");
        return 0;
    }
    for (const auto& one : differences) {
        if (one.what == "rows" || one.what == "sale_value_thousandths" || one.what == "cancel_value_thousandths" ||
            one.what == "net_value_thousandths" || one.what == "goods_value_thousandths" || one.what == "sum_value_all_thousandths")
            print(fmt::format("{} = {}", one.what, one.actual));
    }
    print(fmt::format("facts: {} values equal, {} different", same, different));
    return different == 0 ? 0 : 4;
}

}  // namespace stoa::app
