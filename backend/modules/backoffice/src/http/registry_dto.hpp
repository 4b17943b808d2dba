#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "http/dto.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::backoffice {

struct ResourcesDto {
    std::vector<json::Raw> resources;
};
inline void describe(json::Struct<ResourcesDto>& d) {
    d.name("AdminResources");
    d.field<&ResourcesDto::resources>("resources", "name, label, group, columns, filters, searchable, fields, inlines, actions, can.");
}
struct RowsQuery {
    std::optional<std::string> q, sort, cursor;
    std::optional<std::int64_t> limit;
    std::map<std::string, std::string> rest;
};
inline void describe(json::Struct<RowsQuery>& d) {
    d.name("AdminRowsQuery");
    d.field<&RowsQuery::q>("q", "Words to find.").max_length(200);
    d.field<&RowsQuery::sort>("sort", "A sortable column, with - in front for descending.").max_length(60);
    d.field<&RowsQuery::cursor>("cursor", "next_cursor of the page before.").max_length(2000);
    d.field<&RowsQuery::limit>("limit").min(1).max(200);
    d.field<&RowsQuery::rest>("*", "filter[name]=value; ranges as from..to.");
}
struct ExportQuery {
    std::optional<std::string> format, q, sort;
    std::map<std::string, std::string> rest;
};
inline void describe(json::Struct<ExportQuery>& d) {
    d.name("AdminExportQuery");
    d.field<&ExportQuery::format>("format", "csv or xlsx.").pattern("csv|xlsx");
    d.field<&ExportQuery::q>("q").max_length(200);
    d.field<&ExportQuery::sort>("sort").max_length(60);
    d.field<&ExportQuery::rest>("*", "filter[name]=value, as in the list.");
}
struct RowsDto {
    std::vector<json::Raw> rows;
    std::optional<std::string> next_cursor;
    std::int64_t total = 0;
    bool total_is_capped = false;
};
inline void describe(json::Struct<RowsDto>& d) {
    d.name("AdminRows");
    d.field<&RowsDto::rows>("rows", "id, and what the resource's columns name.");
    d.field<&RowsDto::next_cursor>("next_cursor");
    d.field<&RowsDto::total>("total");
    d.field<&RowsDto::total_is_capped>("total_is_capped", "There are more than total.");
}
struct HistoryEntryDto {
    std::int64_t number = 0;
    Timestamp at{};
    std::optional<StaffId> staff_id;
    std::string staff_name;
    std::string action;
    std::optional<json::Raw> before, after;
    std::string ip;
    std::string request_id;
};
inline void describe(json::Struct<HistoryEntryDto>& d) {
    d.name("AdminHistoryEntry");
    d.field<&HistoryEntryDto::number>("number");
    d.field<&HistoryEntryDto::at>("at");
    d.field<&HistoryEntryDto::staff_id>("staff_id", "Absent: the command line.");
    d.field<&HistoryEntryDto::staff_name>("staff_name");
    d.field<&HistoryEntryDto::action>("action");
    d.field<&HistoryEntryDto::before>("before", "The members that changed, as they were.");
    d.field<&HistoryEntryDto::after>("after", "As they are since.");
    d.field<&HistoryEntryDto::ip>("ip");
    d.field<&HistoryEntryDto::request_id>("request_id");
}
struct HistoryDto {
    std::vector<HistoryEntryDto> entries;
};
inline void describe(json::Struct<HistoryDto>& d) {
    d.name("AdminHistory");
    d.field<&HistoryDto::entries>("entries", "The newest first, at most 200.");
}
struct ActionDto {
    std::vector<std::string> ids;
    std::optional<json::Raw> input;
    std::string seen;
};
inline void describe(json::Struct<ActionDto>& d) {
    d.name("AdminAction");
    d.field<&ActionDto::ids>("ids").min_length(1).max_length(500);
    d.field<&ActionDto::input>("input", "What the action's form asks for.");
    d.field<&ActionDto::seen>("seen", "Of the preview: it does what that showed, or nothing.").max_length(40).optional();
}
struct ForeseenDto {
    std::string id, label;
    std::optional<Money> before, after;
    std::string note;
};
inline void describe(json::Struct<ForeseenDto>& d) {
    d.name("AdminForeseen");
    d.field<&ForeseenDto::id>("id");
    d.field<&ForeseenDto::label>("label");
    d.field<&ForeseenDto::before>("before");
    d.field<&ForeseenDto::after>("after");
    d.field<&ForeseenDto::note>("note");
}
struct ActionPreviewDto {
    std::vector<ForeseenDto> items;
    std::string seen;
};
inline void describe(json::Struct<ActionPreviewDto>& d) {
    d.name("AdminActionPreview");
    d.field<&ActionPreviewDto::items>("items");
    d.field<&ActionPreviewDto::seen>("seen", "Names what is shown here, for the action itself.");
}
struct ActionDoneDto {
    std::int64_t changed = 0;
    std::string message;
};
inline void describe(json::Struct<ActionDoneDto>& d) {
    d.name("AdminActionDone");
    d.field<&ActionDoneDto::changed>("changed");
    d.field<&ActionDoneDto::message>("message");
}
struct ImportQuery {
    bool dry_run = false;
};
inline void describe(json::Struct<ImportQuery>& d) {
    d.name("AdminImportQuery");
    d.field<&ImportQuery::dry_run>("dry_run", "Try every row and keep nothing.").optional();
}
struct ImportErrorDto {
    std::int64_t row = 0;
    std::string field, code, message;
};
inline void describe(json::Struct<ImportErrorDto>& d) {
    d.name("AdminImportError");
    d.field<&ImportErrorDto::row>("row", "As a spreadsheet counts: the header is 1.");
    d.field<&ImportErrorDto::field>("field", "Empty: the row as a whole.");
    d.field<&ImportErrorDto::code>("code");
    d.field<&ImportErrorDto::message>("message");
}
struct ImportDto {
    bool dry_run = false;
    std::int64_t rows = 0, created = 0, updated = 0, unchanged = 0;
    std::vector<std::string> ignored;
    std::vector<ImportErrorDto> errors;
};
inline void describe(json::Struct<ImportDto>& d) {
    d.name("AdminImport");
    d.field<&ImportDto::dry_run>("dry_run");
    d.field<&ImportDto::rows>("rows");
    d.field<&ImportDto::created>("created");
    d.field<&ImportDto::updated>("updated");
    d.field<&ImportDto::unchanged>("unchanged");
    d.field<&ImportDto::ignored>("ignored", "Columns that lists show and no form sets: nothing was taken from them.");
    d.field<&ImportDto::errors>("errors", "At most 200. With any, nothing was kept.");
}
struct SavedViewDto {
    std::optional<SavedViewId> id;
    std::string resource;
    std::string name;
    std::string query;
};
inline void describe(json::Struct<SavedViewDto>& d) {
    d.name("AdminSavedView");
    d.field<&SavedViewDto::id>("id");
    d.field<&SavedViewDto::resource>("resource").min_length(1).max_length(60);
    d.field<&SavedViewDto::name>("name").not_blank().max_length(80);
    d.field<&SavedViewDto::query>("query", "The part of the address after \"?\".").max_length(2000);
}
struct SavedViewsDto {
    std::vector<SavedViewDto> views;
};
inline void describe(json::Struct<SavedViewsDto>& d) {
    d.name("AdminSavedViews");
    d.field<&SavedViewsDto::views>("views");
}
struct ViewsQuery {
    std::optional<std::string> resource;
};
inline void describe(json::Struct<ViewsQuery>& d) {
    d.name("AdminViewsQuery");
    d.field<&ViewsQuery::resource>("resource").max_length(60);
}
struct SearchQuery {
    std::string q;
};
inline void describe(json::Struct<SearchQuery>& d) {
    d.name("AdminSearchQuery");
    d.field<&SearchQuery::q>("q").not_blank().max_length(200);
}
struct FoundDto {
    std::string resource, id, label, detail;
};
inline void describe(json::Struct<FoundDto>& d) {
    d.name("AdminFound");
    d.field<&FoundDto::resource>("resource");
    d.field<&FoundDto::id>("id");
    d.field<&FoundDto::label>("label", "The resource's first column.");
    d.field<&FoundDto::detail>("detail", "Its second.");
}
struct FoundListDto {
    std::vector<FoundDto> results;
};
inline void describe(json::Struct<FoundListDto>& d) {
    d.name("AdminFoundList");
    d.field<&FoundListDto::results>("results");
}
struct FigureDto {
    std::string name, label, link;
    std::optional<std::int64_t> value;
    std::optional<Money> money;
};
inline void describe(json::Struct<FigureDto>& d) {
    d.name("AdminFigure");
    d.field<&FigureDto::name>("name");
    d.field<&FigureDto::label>("label");
    d.field<&FigureDto::link>("link");
    d.field<&FigureDto::value>("value", "A number ...");
    d.field<&FigureDto::money>("money", "... or an amount.");
}
struct HomeDto {
    std::vector<FigureDto> figures;
};
inline void describe(json::Struct<HomeDto>& d) {
    d.name("AdminHome");
    d.field<&HomeDto::figures>("figures");
}
struct DeadJobDto {
    std::int64_t id = 0;
    std::string kind;
    std::int64_t attempts = 0;
    std::string last_error;
    Timestamp died_at{};
};
inline void describe(json::Struct<DeadJobDto>& d) {
    d.name("AdminFailedJob");
    d.field<&DeadJobDto::id>("id");
    d.field<&DeadJobDto::kind>("kind");
    d.field<&DeadJobDto::attempts>("attempts");
    d.field<&DeadJobDto::last_error>("last_error");
    d.field<&DeadJobDto::died_at>("died_at");
}
struct DeadJobsDto {
    std::vector<DeadJobDto> jobs;
};
inline void describe(json::Struct<DeadJobsDto>& d) {
    d.name("AdminFailedJobs");
    d.field<&DeadJobsDto::jobs>("jobs", "At most 200.");
}

struct MarkdownDto {
    std::string body;
};
inline void describe(json::Struct<MarkdownDto>& d) {
    d.name("PageDraft");
    d.field<&MarkdownDto::body>("body", "Markdown.").max_length(100000);
}
struct RenderedDto {
    std::string html;
};
inline void describe(json::Struct<RenderedDto>& d) {
    d.name("PagePreview");
    d.field<&RenderedDto::html>("html", "As the shop shows it.");
}

}  // namespace stoa::backoffice
