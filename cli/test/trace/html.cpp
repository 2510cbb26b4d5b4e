#include "cli/test/trace/html.hpp"

#include "cli/page/page.hpp"
#include "cli/test/trace/json.hpp"
#include "cli/test/trace/page_files.hpp"

namespace raftkv::trace {

std::string to_html(const Trace& trace) {
    return cli::page_of({page_html(), page_style(), to_json(trace), page_script()});
}

}  // namespace raftkv::trace
