#include <gtest/gtest.h>
#include <zlib.h>

#include "http/compressed_cache.hpp"
#include "http/multipart.hpp"
#include "http/text.hpp"

namespace stoa::http {
namespace {

std::string gunzip(const std::string& data) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string out(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

TEST(HttpText, PercentDecoding) {
    std::string out = "keep";
    EXPECT_TRUE(percent_decode("a%41+b", out, true));
    EXPECT_EQ(out, "keepaA b");
    out.clear();
    EXPECT_TRUE(percent_decode("a+b", out, false));
    EXPECT_EQ(out, "a+b");
    for (const std::string_view bad : {"%", "%4", "%4g", "abc%"}) {
        out = "keep";
        EXPECT_FALSE(percent_decode(bad, out, true)) << bad;
        EXPECT_EQ(out, "keep");
    }
}

TEST(HttpText, Utf8) {
    for (const std::string_view good : {"", "abc", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(is_utf8(good)) << good;
    for (const std::string_view bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x80\x80", "\xE2\x82", "\xED\xA0\x80",
                                       "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
        EXPECT_FALSE(is_utf8(bad)) << bad;
    }
}

TEST(HttpText, EncodingFollowsWeights) {
    EXPECT_EQ(choose_encoding(""), Encoding::identity);
    EXPECT_EQ(choose_encoding("gzip"), Encoding::gzip);
    EXPECT_EQ(choose_encoding("gzip, deflate, br"), Encoding::br);
    EXPECT_EQ(choose_encoding("gzip;q=1.0, br;q=0.5"), Encoding::gzip);
    EXPECT_EQ(choose_encoding("br;q=0, gzip;q=0"), Encoding::identity);
    EXPECT_EQ(choose_encoding("*"), Encoding::br);
    EXPECT_EQ(choose_encoding("*, br;q=0"), Encoding::gzip);
    EXPECT_EQ(choose_encoding("identity"), Encoding::identity);
    EXPECT_EQ(choose_encoding("gzip;q=nonsense"), Encoding::identity);
}

TEST(HttpText, CompressionIsReversible) {
    std::string text;
    for (int i = 0; i < 500; ++i) text += "line " + std::to_string(i * 7919 % 101) + "\n";
    const std::string gzip = compress(text, Encoding::gzip);
    EXPECT_LT(gzip.size(), text.size() / 2);
    EXPECT_EQ(gunzip(gzip), text);
    EXPECT_LT(compress(text, Encoding::br).size(), text.size() / 2);
}

TEST(HttpText, CompressedCacheHandsOutOneClaimAndForgetsDeadDocuments) {
    CompressedCache cache;
    auto plain = std::make_shared<const std::string>(std::string(5000, 'x'));
    bool claim = false;
    EXPECT_FALSE(cache.find(plain, Encoding::gzip, claim));
    EXPECT_TRUE(claim);
    EXPECT_FALSE(cache.find(plain, Encoding::gzip, claim));
    EXPECT_FALSE(claim) << "somebody is at it";
    const auto made = cache.fill(plain, Encoding::gzip);
    EXPECT_EQ(gunzip(*made), *plain);
    EXPECT_EQ(cache.find(plain, Encoding::gzip, claim), made);
    EXPECT_FALSE(claim);
    EXPECT_FALSE(cache.find(plain, Encoding::br, claim));
    EXPECT_TRUE(claim);
}

TEST(HttpText, Ranges) {
    ByteRange range;
    EXPECT_EQ(choose_range("bytes=0-9", 100, range), RangeOutcome::partial);
    EXPECT_EQ(range.first, 0U);
    EXPECT_EQ(range.length, 10U);
    EXPECT_EQ(choose_range("bytes=90-", 100, range), RangeOutcome::partial);
    EXPECT_EQ(range.first, 90U);
    EXPECT_EQ(range.length, 10U);
    EXPECT_EQ(choose_range("bytes=-30", 100, range), RangeOutcome::partial);
    EXPECT_EQ(range.first, 70U);
    EXPECT_EQ(range.length, 30U);
    EXPECT_EQ(choose_range("bytes=-300", 100, range), RangeOutcome::partial);
    EXPECT_EQ(range.first, 0U);
    EXPECT_EQ(range.length, 100U);
    EXPECT_EQ(choose_range("bytes=50-5000", 100, range), RangeOutcome::partial);
    EXPECT_EQ(range.length, 50U);
    EXPECT_EQ(choose_range("bytes=100-", 100, range), RangeOutcome::unsatisfiable);
    EXPECT_EQ(choose_range("bytes=-0", 100, range), RangeOutcome::unsatisfiable);
    EXPECT_EQ(choose_range("bytes=0-0", 0, range), RangeOutcome::unsatisfiable);
    for (const std::string_view odd :
         {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=9-1", "bytes=0-1,5-6", "items=0-1", "bytes=99999999999999999999999-"}) {
        EXPECT_EQ(choose_range(odd, 100, range), RangeOutcome::whole) << odd;
    }
}

struct Parts : PartSink {
    struct Part {
        PartHead head;
        std::string data;
        bool ended = false;
    };
    std::vector<Part> parts;
    bool begin(const PartHead& head) override {
        parts.push_back({head, "", false});
        return true;
    }
    bool data(std::string_view text) override {
        parts.back().data.append(text);
        return true;
    }
    bool end() override {
        parts.back().ended = true;
        return true;
    }
};

const std::string kForm =
    "--XyZ\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n"
    "--XyZ\r\ncontent-disposition: form-data; name=\"file\"; filename=\"C:\\\\dir\\\\a;b.png\"\r\nContent-Type: "
    "image/png\r\n\r\n\r\n--Xy\r\n\r\n"
    "--XyZ\r\nContent-Disposition: form-data; name=empty\r\n\r\n\r\n"
    "--XyZ--\r\nepilogue";

TEST(Multipart, ReadsTheSameInPiecesOfAnySize) {
    for (std::size_t piece = 1; piece <= kForm.size(); ++piece) {
        Parts sink;
        MultipartReader reader("XyZ", sink);
        for (std::size_t at = 0; at < kForm.size(); at += piece)
            ASSERT_TRUE(reader.feed(std::string_view(kForm).substr(at, piece))) << piece;
        ASSERT_TRUE(reader.complete()) << piece;
        ASSERT_EQ(sink.parts.size(), 3U) << piece;
        EXPECT_EQ(sink.parts[0].head.name, "title");
        EXPECT_FALSE(sink.parts[0].head.is_file);
        EXPECT_EQ(sink.parts[0].data, "Hello");
        EXPECT_EQ(sink.parts[1].head.file_name, "a;b.png");
        EXPECT_EQ(sink.parts[1].head.content_type, "image/png");
        EXPECT_EQ(sink.parts[1].data, "\r\n--Xy\r\n");
        EXPECT_EQ(sink.parts[2].head.name, "empty");
        EXPECT_EQ(sink.parts[2].data, "");
        EXPECT_TRUE(sink.parts[2].ended);
    }
}

TEST(Multipart, RefusesBrokenBodies) {
    const auto fate = [](const std::string& body) {
        Parts sink;
        MultipartReader reader("XyZ", sink);
        if (!reader.feed(body)) return "refused";
        return reader.complete() ? "complete" : "waiting";
    };
    EXPECT_STREQ(fate("--XyZ--"), "complete");
    EXPECT_STREQ(fate("--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ndata"), "waiting");
    EXPECT_STREQ(fate("--XyZ\r\n\r\nno head\r\n--XyZ--"), "refused");
    EXPECT_STREQ(fate("--XyZ\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--XyZ--"), "refused");
    EXPECT_STREQ(fate("--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--XyZ--"), "refused");
    EXPECT_STREQ(fate("--XyZjunk\r\n"), "refused");
    EXPECT_STREQ(fate(std::string(10000, 'x')), "refused");
    EXPECT_STREQ(fate("--XyZ\r\n" + std::string(10000, 'h')), "refused");
    std::string many;
    for (int i = 0; i < 65; ++i) many += "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
    EXPECT_STREQ(fate(many), "refused");
}

TEST(Multipart, Boundary) {
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc"), "abc");
    EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), "a b");
    EXPECT_EQ(multipart_boundary("multipart/form-data"), "");
    EXPECT_EQ(multipart_boundary("multipart/mixed; boundary=abc"), "");
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'a')), "");
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=a\r\nb"), "");
}

}  // namespace
}  // namespace stoa::http
