#include "catalogue_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <type_traits>

#include "cursor.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::search {
namespace {

// Raise it with every change of what is written below. The size of an entry catches most changes that forget to.
constexpr std::uint32_t kFormat = 5;
constexpr std::string_view kMagic = "stoa catalogue\n";
constexpr std::size_t kHashSize = 32;

struct Damaged : std::runtime_error {
    Damaged() : std::runtime_error("damaged") {}
};

// Things that several entries or languages share are written where they occur first, and by their number after that.
class Writer {
public:
    std::string bytes;
    void raw(const void* data, std::size_t size) { bytes.append(static_cast<const char*>(data), size); }
    // The number of a shared thing, and whether it is new.
    std::pair<std::uint32_t, bool> number_of(const void* shared) {
        const auto [known, is_new] = numbers_.emplace(shared, static_cast<std::uint32_t>(numbers_.size() + 1));
        return {known->second, is_new};
    }

private:
    std::unordered_map<const void*, std::uint32_t> numbers_;
};

class Reader {
public:
    explicit Reader(std::string_view in) : in_(in) {}
    void raw(void* data, std::size_t size) {
        if (size > in_.size()) throw Damaged();
        std::memcpy(data, in_.data(), size);
        in_.remove_prefix(size);
    }
    [[nodiscard]] std::size_t left() const { return in_.size(); }
    std::vector<std::shared_ptr<const void>> shared;

private:
    std::string_view in_;
};

template <class T>
concept Plain = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <class Ar, class T>
    requires Plain<std::remove_const_t<T>>
void transfer(Ar& ar, T& value) {
    ar.raw(&value, sizeof value);
}

std::uint64_t size_in(Reader& reader) {
    std::uint64_t size = 0;
    reader.raw(&size, sizeof size);
    if (size > reader.left()) throw Damaged();  // nothing takes less than a byte
    return size;
}
void size_out(Writer& writer, std::uint64_t size) { writer.raw(&size, sizeof size); }

void transfer(Writer& ar, const std::string& value) {
    size_out(ar, value.size());
    ar.raw(value.data(), value.size());
}
void transfer(Reader& ar, std::string& value) {
    value.resize(size_in(ar));
    ar.raw(value.data(), value.size());
}
void transfer(Writer& ar, const Uuid& value) { ar.raw(value.bytes.data(), value.bytes.size()); }
void transfer(Reader& ar, Uuid& value) { ar.raw(value.bytes.data(), value.bytes.size()); }
template <IdPrefix Prefix>
void transfer(Writer& ar, const Id<Prefix>& value) {
    transfer(ar, value.uuid());
}
template <IdPrefix Prefix>
void transfer(Reader& ar, Id<Prefix>& value) {
    Uuid uuid;
    transfer(ar, uuid);
    value = Id<Prefix>(uuid);
}
void transfer(Writer& ar, const Timestamp& value) {
    const std::int64_t count = value.time_since_epoch().count();
    ar.raw(&count, sizeof count);
}
void transfer(Reader& ar, Timestamp& value) {
    std::int64_t count = 0;
    ar.raw(&count, sizeof count);
    value = Timestamp(Timestamp::duration(count));
}
void transfer(Writer& ar, const Currency& value) { ar.raw(value.code().data(), 3); }
void transfer(Reader& ar, Currency& value) {
    std::array<char, 3> code{};
    ar.raw(code.data(), code.size());
    const auto known = Currency::parse({code.data(), code.size()});
    if (!known) throw Damaged();
    value = *known;
}
void transfer(Writer& ar, const Money& value) {
    const auto minor = value.minor();
    ar.raw(&minor, sizeof minor);
    transfer(ar, value.currency());
}
void transfer(Reader& ar, Money& value) {
    std::int64_t minor = 0;
    ar.raw(&minor, sizeof minor);
    Currency currency;
    transfer(ar, currency);
    value = Money(minor, currency);
}

template <class T>
void transfer(Writer& ar, const std::optional<T>& value) {
    const bool there = value.has_value();
    transfer(ar, there);
    if (value) transfer(ar, *value);
}
template <class T>
void transfer(Reader& ar, std::optional<T>& value) {
    bool there = false;
    transfer(ar, there);
    if (there)
        transfer(ar, value.emplace());
    else
        value.reset();
}
template <class Ar, class A, class B>
void transfer_pair(Ar& ar, A& first, B& second) {
    transfer(ar, first);
    transfer(ar, second);
}
template <class A, class B>
void transfer(Writer& ar, const std::pair<A, B>& value) {
    transfer_pair(ar, value.first, value.second);
}
template <class A, class B>
void transfer(Reader& ar, std::pair<A, B>& value) {
    transfer_pair(ar, value.first, value.second);
}
template <class T>
void transfer(Writer& ar, const std::vector<T>& value) {
    size_out(ar, value.size());
    for (const auto& item : value) transfer(ar, item);
}
template <class T>
void transfer(Reader& ar, std::vector<T>& value) {
    value.resize(size_in(ar));
    for (auto& item : value) transfer(ar, item);
}
template <class T, std::size_t N>
void transfer(Writer& ar, const std::array<T, N>& value) {
    for (const auto& item : value) transfer(ar, item);
}
template <class T, std::size_t N>
void transfer(Reader& ar, std::array<T, N>& value) {
    for (auto& item : value) transfer(ar, item);
}
void transfer(Writer& ar, const std::map<std::string, std::string>& value) {
    size_out(ar, value.size());
    for (const auto& [key, text] : value) transfer_pair(ar, key, text);
}
void transfer(Reader& ar, std::map<std::string, std::string>& value) {
    for (auto left = size_in(ar); left > 0; --left) {
        std::pair<std::string, std::string> item;
        transfer(ar, item);
        value.insert(std::move(item));
    }
}
template <class T>
void transfer(Writer& ar, const std::shared_ptr<const T>& value) {
    const auto [number, is_new] = value ? ar.number_of(value.get()) : std::pair(std::uint32_t{0}, false);
    ar.raw(&number, sizeof number);
    if (is_new) transfer(ar, *value);
}
template <class T>
void transfer(Reader& ar, std::shared_ptr<const T>& value) {
    std::uint32_t number = 0;
    transfer(ar, number);
    if (number == 0) {
        value = nullptr;
    } else if (number <= ar.shared.size()) {
        value = std::static_pointer_cast<const T>(ar.shared[number - 1]);
    } else if (number == ar.shared.size() + 1) {
        auto made = std::make_shared<T>();
        ar.shared.push_back(made);
        transfer(ar, *made);
        value = std::move(made);
    } else {
        throw Damaged();
    }
}

template <class Ar, class... Members>
void all(Ar& ar, Members&... members) {
    (transfer(ar, members), ...);
}

// Each struct once, for both directions.
template <class T, class Wanted>
concept Of = std::is_same_v<std::remove_const_t<T>, Wanted>;

template <class Ar, Of<LocalText> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.name, v.subtitle, v.description_html, v.slug, v.seo_title, v.seo_description, v.keywords);
}
template <class Ar, Of<catalog::Asset> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.id, v.sha256, v.name, v.content_type, v.width, v.height, v.focal_x, v.focal_y, v.background, v.placeholder, v.alt);
}
template <class Ar, Of<catalog::Review> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.id, v.product, v.customer, v.author, v.locale, v.rating, v.title, v.body, v.verified, v.state, v.created_at);
}
template <class Ar, Of<catalog::Audience> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.groups, v.companies);
}
template <class Ar, Of<pricing::Tier> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.min_quantity, v.unit);
}
template <class Ar, Of<pricing::VariantPrice> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.variant, v.tiers, v.regular, v.regular_tiers, v.lowest_30_days, v.tax_included, v.export_net, v.price_list, v.scheduled,
        v.priority, v.specificity, v.passed_over);
}
template <class Ar, Of<pricing::ContractList> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.id, v.currency, v.customer_group, v.company);
}
template <class Ar, Of<ContractPrice> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.list, v.price);
}
template <class Ar, Of<Setting> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.attribute, v.values, v.number_milli, v.text, v.flag);
}
template <class Ar, Of<MediaEntry> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.asset, v.options);
}
template <class Ar, Of<VariantEntry> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.id, v.sku, v.barcode, v.options, v.weight_grams, v.image, v.active, v.available, v.ahead, v.expected_day, v.prices,
        v.contracts);
}
template <class Ar, Of<Entry> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.id, v.brand, v.texts, v.translated, v.category, v.categories, v.collections, v.options, v.settings, v.media, v.variants,
        v.reviews, v.bought_together, v.rating_sum, v.popularity, v.handling_days, v.published, v.published_from, v.published_until,
        v.newest_key, v.updated_at, v.next_change, v.is_gift_card, v.audience, v.facet_values, v.facet_numbers, v.facet_flags, v.card_text,
        v.card_price, v.lowest_price, v.discount, v.sort_name);
}
template <class Ar, Of<KeptCatalogue> T>
void transfer(Ar& ar, T& v) {
    all(ar, v.origin, v.structure, v.currencies, v.channel, v.position, v.read_at, v.day, v.contract_lists, v.entries);
}

std::string header() {
    std::string out(kMagic);
    for (const std::uint64_t part :
         {std::uint64_t{kFormat}, std::uint64_t{sizeof(Entry)}, std::uint64_t{sizeof(VariantEntry)},
          std::uint64_t{sizeof(pricing::VariantPrice)}, std::uint64_t{sizeof(catalog::Review)}, std::uint64_t{sizeof(catalog::Asset)}})
        out.append(reinterpret_cast<const char*>(&part), sizeof part);
    return out;
}

class File {
public:
    explicit File(std::string path) : path_(std::move(path)), fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
        if (fd_ < 0) fail("cannot be made");
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd_ >= 0) ::close(fd_);
        if (!path_.empty()) ::unlink(path_.c_str());
    }
    void write(std::string_view data) {
        while (!data.empty()) {
            const auto written = ::write(fd_, data.data(), data.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail("cannot be written");
            data.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    void become(const std::string& path) {
        if (::fsync(fd_) != 0) fail("cannot be written");
        if (::rename(path_.c_str(), path.c_str()) != 0) fail("cannot take its name");
        path_.clear();
    }

private:
    [[noreturn]] void fail(std::string_view what) const {
        throw std::runtime_error(fmt::format("{} {}: {}", path_, what, std::strerror(errno)));
    }
    std::string path_;
    int fd_;
};

// What a process that was killed has left. Nobody writes for an hour.
void forget_unfinished(const std::filesystem::path& path) {
    std::error_code ignored;
    const auto begins = path.filename().string() + ".";
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    for (const auto& other : std::filesystem::directory_iterator(folder, ignored)) {
        const auto name = other.path().filename().string();
        if (!name.starts_with(begins) || !Uuid::parse(name.substr(begins.size()))) continue;
        const auto written = other.last_write_time(ignored);
        if (!ignored && std::filesystem::file_time_type::clock::now() - written > std::chrono::hours(1))
            std::filesystem::remove(other.path(), ignored);
    }
}

}  // namespace

std::string fingerprint_of(const Structure& structure) {
    std::string text;
    for (const auto& category : structure.categories) {
        text += category.record.id.to_string() + (category.visible ? "+" : "-") + category.record.handle;
        for (const auto above : category.path) text += "/" + std::to_string(above);
    }
    text += "|";
    for (const auto& collection : structure.collections) {
        text += collection.record.id.to_string() + (collection.record.published ? "+" : "-");
        if (!collection.record.rule) continue;
        text += collection.record.rule->any ? "any" : "all";
        for (const auto& condition : collection.record.rule->conditions) {
            text += fmt::format(";{}{}", condition.negated ? "!" : "", condition.field);
            for (const auto& value : condition.values) text += "=" + value;
        }
    }
    // What is listed by hand, in whatever order the table is walked.
    std::uint64_t listed = 0;
    for (const auto& [product, places] : structure.listed_in) {
        for (const auto& [collection, place] : places) listed += fnv1a(fmt::format("{}/{}/{}", product.to_string(), collection, place));
    }
    text += "|" + std::to_string(listed);
    for (const auto& attribute : structure.attributes) {
        text += "|" + attribute.record.code;
        for (const auto& value : attribute.record.values) text += "," + value.code;
    }
    return crypto::hex(crypto::sha256(text));
}

void write_catalogue(const std::string& path, const KeptCatalogue& kept) {
    Writer body;
    transfer(body, kept);
    forget_unfinished(path);
    File file(fmt::format("{}.{}", path, Uuid::v7().to_string()));
    file.write(header());
    file.write(crypto::sha256(body.bytes));
    file.write(body.bytes);
    file.become(path);
}

std::expected<KeptCatalogue, std::string> read_catalogue(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) return std::unexpected(std::string());
    std::string bytes(static_cast<std::size_t>(std::max<std::streamoff>(in.tellg(), 0)), '\0');
    in.seekg(0);
    if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return std::unexpected("it cannot be read");
    std::string_view rest = bytes;
    const auto wanted = header();
    if (!rest.starts_with(kMagic)) return std::unexpected("it is something else");
    if (!rest.starts_with(wanted)) return std::unexpected("another version of the program wrote it");
    rest.remove_prefix(wanted.size());
    if (rest.size() < kHashSize || crypto::sha256(rest.substr(kHashSize)) != rest.substr(0, kHashSize))
        return std::unexpected("it is damaged");
    KeptCatalogue kept;
    try {
        Reader reader(rest.substr(kHashSize));
        transfer(reader, kept);
        if (reader.left() != 0) return std::unexpected("it is damaged");
    } catch (const Damaged&) {
        return std::unexpected("it is damaged");
    }
    return kept;
}

}  // namespace stoa::search
