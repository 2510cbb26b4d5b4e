#include "cli/test/chaos/page.hpp"

#include "cli/page/page.hpp"
#include "cli/test/chaos/page_files.hpp"

namespace raftkv::chaos {

std::string as_page(const Report& report) {
    return cli::page_of({page_html(), page_style(), as_json(report), page_script()});
}

Result<void> write_page(const Report& report, const std::filesystem::path& file) {
    return cli::write_page(as_page(report), file);
}

}  // namespace raftkv::chaos
