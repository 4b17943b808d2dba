// qpdf is named in this file and in merge.cpp, lcms2 in this one only. What PDF/A-3 asks for beyond cairo's pages: metadata, an output
// intent, a relation for the embedded file, no surprise in the trailer.
#define POINTERHOLDER_TRANSITION 4  // qpdf: std::shared_ptr everywhere

#include <fmt/format.h>
#include <lcms2.h>

#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFEFStreamObjectHelper.hh>
#include <qpdf/QPDFEmbeddedFileDocumentHelper.hh>
#include <qpdf/QPDFFileSpecObjectHelper.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFWriter.hh>

#include <stdexcept>

#include "documents/pdf.hpp"
#include "documents/words.hpp"
#include "stoa/text/text.hpp"

namespace stoa::orders {
namespace {

constexpr const char* kFileName = "factur-x.xml";

std::string srgb_profile() {
    cmsHPROFILE profile = cmsCreate_sRGBProfile();
    if (!profile) throw std::runtime_error("orders: no colour profile");
    cmsSetProfileVersion(profile, 2.1);
    cmsUInt32Number size = 0;
    std::string bytes;
    if (cmsSaveProfileToMem(profile, nullptr, &size)) {
        bytes.resize(size);
        if (!cmsSaveProfileToMem(profile, bytes.data(), &size)) bytes.clear();
    }
    cmsCloseProfile(profile);
    constexpr std::size_t kMade = 24;  // when it was made: six numbers of two bytes (ICC.1:2001-04, 6.1)
    constexpr std::string_view kThen("\x07\xD0\0\x01\0\x01\0\0\0\0\0\0", 12);
    if (bytes.size() < kMade + kThen.size()) throw std::runtime_error("orders: no colour profile");
    // A file that is made again is the same file.
    bytes.replace(kMade, kThen.size(), kThen);
    return bytes;
}

// The title is not personal: it stands in file lists.
std::string title_of(const Document& document) {
    return std::string(word(document.kind == DocumentKind::invoice ? Word::invoice : Word::credit_note, document.locale)) + " " +
           document.number;
}

std::string metadata(const Document& document) {
    const auto day = to_iso_date(document.issued_on) + "T00:00:00Z";
    const auto title = text::escape_html(title_of(document));
    const auto seller = text::escape_html(document.seller.name);
    return "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
           fmt::format(R"(<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{0}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{1}</rdf:li></rdf:Seq></dc:creator></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><pdf:Producer>Stoa</pdf:Producer></rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:CreatorTool>Stoa</xmp:CreatorTool><xmp:CreateDate>{2}</xmp:CreateDate><xmp:ModifyDate>{2}</xmp:ModifyDate></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema><pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>DocumentFileName</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>The name of the embedded XML document</pdfaProperty:description></rdf:li>
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>DocumentType</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>The type of the hybrid document in capital letters, e.g. INVOICE or ORDER</pdfaProperty:description></rdf:li>
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>Version</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>The actual version of the standard applying to the embedded XML document</pdfaProperty:description></rdf:li>
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>ConformanceLevel</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>The conformance level of the embedded XML document</pdfaProperty:description></rdf:li>
</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"><fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>{3}</fx:DocumentFileName><fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description>
</rdf:RDF></x:xmpmeta>
)",
                       title, seller, day, kFileName) +
           "<?xpacket end=\"w\"?>";
}

std::string pdf_day(Date day) {
    auto text = to_iso_date(day);
    std::erase(text, '-');
    return "D:" + text + "000000Z";
}

}  // namespace

std::string embed_in_pdf(const Document& document, const std::string& pages, const std::string& xml) {
    using Handle = QPDFObjectHandle;
    QPDF pdf;
    pdf.setSuppressWarnings(true);
    pdf.processMemoryFile("pages", pages.data(), pages.size());
    auto root = pdf.getRoot();
    const auto day = pdf_day(document.issued_on);

    auto stream = QPDFEFStreamObjectHelper::createEFStream(pdf, xml);
    stream.setSubtype("text/xml");
    stream.setCreationDate(day);
    stream.setModDate(day);
    auto file = QPDFFileSpecObjectHelper::createFileSpec(pdf, kFileName, stream);
    file.setDescription("EN 16931, Factur-X");
    file.getObjectHandle().replaceKey("/AFRelationship", Handle::newName("/Alternative"));
    QPDFEmbeddedFileDocumentHelper(pdf).replaceEmbeddedFile(kFileName, file);
    root.replaceKey("/AF", Handle::newArray({file.getObjectHandle()}));

    auto meta = Handle::newStream(&pdf, metadata(document));
    meta.getDict().replaceKey("/Type", Handle::newName("/Metadata"));
    meta.getDict().replaceKey("/Subtype", Handle::newName("/XML"));
    root.replaceKey("/Metadata", meta);

    auto profile = Handle::newStream(&pdf, srgb_profile());
    profile.getDict().replaceKey("/N", Handle::newInteger(3));
    auto intent = Handle::newDictionary();
    intent.replaceKey("/Type", Handle::newName("/OutputIntent"));
    intent.replaceKey("/S", Handle::newName("/GTS_PDFA1"));
    intent.replaceKey("/OutputConditionIdentifier", Handle::newString("sRGB IEC61966-2.1"));
    intent.replaceKey("/Info", Handle::newString("sRGB IEC61966-2.1"));
    intent.replaceKey("/DestOutputProfile", pdf.makeIndirectObject(profile));
    root.replaceKey("/OutputIntents", Handle::newArray({intent}));

    root.replaceKey("/Lang", Handle::newUnicodeString(document.locale));
    auto preferences = Handle::newDictionary();
    preferences.replaceKey("/DisplayDocTitle", Handle::newBool(true));
    root.replaceKey("/ViewerPreferences", preferences);

    auto info = Handle::newDictionary();
    info.replaceKey("/Title", Handle::newUnicodeString(title_of(document)));
    info.replaceKey("/Author", Handle::newUnicodeString(document.seller.name));
    info.replaceKey("/Creator", Handle::newString("Stoa"));
    info.replaceKey("/Producer", Handle::newString("Stoa"));
    info.replaceKey("/CreationDate", Handle::newString(day));
    info.replaceKey("/ModDate", Handle::newString(day));
    pdf.getTrailer().replaceKey("/Info", pdf.makeIndirectObject(info));

    QPDFWriter writer(pdf);
    writer.setOutputMemory();
    writer.setMinimumPDFVersion("1.7");
    writer.setDeterministicID(true);
    writer.setNewlineBeforeEndstream(true);
    writer.setObjectStreamMode(qpdf_o_generate);
    writer.write();
    const auto buffer = writer.getBufferSharedPointer();
    return {reinterpret_cast<const char*>(buffer->getBuffer()), buffer->getSize()};
}

}  // namespace stoa::orders
