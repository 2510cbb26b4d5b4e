#include "cli/bench/page.hpp"

#include "cli/bench/page_files.hpp"
#include "cli/page/page.hpp"

namespace raftkv::bench {

std::string as_page(const Report& report) {
    return cli::page_of({page_html(), page_style(), as_json(report), page_script()});
}

}  // namespace raftkv::bench
