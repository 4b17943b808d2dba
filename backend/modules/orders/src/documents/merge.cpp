#define POINTERHOLDER_TRANSITION 4  // qpdf: std::shared_ptr everywhere
#include "documents/merge.hpp"

#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFWriter.hh>

#include <memory>
#include <vector>

namespace stoa::orders {

Result<std::string> merge_pdf(std::span<const std::string> files) {
    try {
        QPDF merged;
        merged.emptyPDF();
        // What is written is read from them then.
        std::vector<std::shared_ptr<QPDF>> sources;
        for (const auto& file : files) {
            auto source = QPDF::create();
            source->setSuppressWarnings(true);
            source->processMemoryFile("label", file.data(), file.size());
            for (const auto& page : QPDFPageDocumentHelper(*source).getAllPages()) QPDFPageDocumentHelper(merged).addPage(page, false);
            sources.push_back(std::move(source));
        }
        QPDFWriter writer(merged);
        writer.setOutputMemory();
        writer.write();
        const auto bytes = writer.getBufferSharedPointer();
        return std::string(reinterpret_cast<const char*>(bytes->getBuffer()), bytes->getSize());
    } catch (const QPDFExc&) {
        return fail(ErrorKind::unavailable, "shipping.unavailable",
                    "One of the labels cannot be put together with the others. Print them one by one.");
    }
}

}  // namespace stoa::orders
