#include <fmt/format.h>

#include "media_routes.hpp"
#include "sql/media.hpp"
#include "stoa/catalog/writer.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/text/text.hpp"

namespace stoa::app {
namespace {

constexpr std::size_t kLargestUpload = 20 << 20;
// Behind cut-out pictures, as everywhere in the shop.
constexpr std::string_view kPaper = "#f1eee7";

struct UploadQuery {
    std::string name;
};
void describe(json::Struct<UploadQuery>& d) {
    d.name("UploadPictureQuery");
    d.field<&UploadQuery::name>("name", "The file's name; its address is made from it.").not_blank().max_length(200);
}
struct PictureDto {
    catalog::AssetId id;
    std::string name, src;
    std::int64_t width = 0, height = 0;
};
void describe(json::Struct<PictureDto>& d) {
    d.name("UploadedPicture");
    d.field<&PictureDto::id>("id");
    d.field<&PictureDto::name>("name");
    d.field<&PictureDto::src>("src", "320 pixels wide.");
    d.field<&PictureDto::width>("width");
    d.field<&PictureDto::height>("height");
}

// By its first bytes: what a browser says of a file is a guess.
std::string_view picture_type(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG")) return "image/png";
    if (bytes.starts_with("\xFF\xD8")) return "image/jpeg";
    if (bytes.starts_with("RIFF")) return "image/webp";
    return "image/avif";
}

}  // namespace

void add_media_desk_routes(http::Routes& routes, db::Database& database, storage::ObjectStore& store, catalog::Writer& writer,
                           http::StaffGate& gate, http::AuditLog& audit) {
    routes.post("/api/v1/admin/media", "upload_picture")
        .summary("Keep a picture: JPEG, PNG, WebP or AVIF")
        .description(
            "The body is the file. The same bytes under the same name are the same picture. Its focal point and its texts are fields of "
            "the "
            "resource `media`.")
        .tag("admin media")
        .on(http::Pool::outbound)
        .requires_access(http::Access::staff)
        .query<UploadQuery>()
        .limit_body(kLargestUpload)
        .within(std::chrono::minutes{1})
        .returns<PictureDto>(201)
        .fails({"media.not_a_picture", "staff.login_required", "staff.forbidden"})
        .handle([&](const http::Request& request) {
            const auto actor = gate.require(request, "media.create");
            if (!actor) return http::problem(actor.error());
            const auto query = http::query_as<UploadQuery>(request);
            if (!query) return http::problem(query.error());
            const auto info = storage::probe_image(request.body);
            std::optional<std::string> placeholder;
            try {
                // Reads all of it: what begins like a picture and ends too soon is none.
                if (info) placeholder = storage::placeholder_uri(request.body);
            } catch (const std::runtime_error&) {
            }
            if (!placeholder) {
                return http::problem(Error{ErrorKind::invalid,
                                           "media.not_a_picture",
                                           "This is no picture that the shop can show (JPEG, PNG, WebP, AVIF; up to 50 megapixels).",
                                           {},
                                           {},
                                           {},
                                           0});
            }
            catalog::Asset asset;
            asset.content_type = picture_type(request.body);
            const auto stem = std::string_view(query->name).substr(0, query->name.rfind('.'));
            asset.name = text::slugify(stem) + "." + asset.content_type.substr(6);
            asset.width = info->width;
            asset.height = info->height;
            asset.background = info->has_alpha ? std::string(kPaper) : std::string();
            asset.placeholder = *placeholder;
            // Before the row: a picture without a row harms nobody, a row without its picture does.
            asset.sha256 = storage::put_original(store, request.body, asset.content_type);
            asset.id = catalog::AssetId::derived(asset.sha256 + "/" + asset.name);
            const auto kept = database.in_tx([&](db::Tx& tx) -> Result<catalog::AssetId> {
                // What staff noted on it stays.
                const auto known = tx.query(sql::find_picture, asset.sha256, asset.name);
                if (!known.empty()) return known.front().get<catalog::AssetId>("id");
                auto id = writer.upsert_asset(tx, asset);
                if (!id) return id;
                json::Writer after;
                after.begin_object();
                after.member("name", asset.name);
                after.member("sha256", asset.sha256);
                after.end_object();
                audit.record(tx, *actor, {"create", "media", id->to_string(), "", after.take()});
                return id;
            });
            if (!kept) return http::problem(kept.error());
            return http::created(
                PictureDto{*kept, asset.name, fmt::format("/media/{}/320/{}", asset.sha256, asset.name), asset.width, asset.height});
        });
}

}  // namespace stoa::app
