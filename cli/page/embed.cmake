# Writes OUTPUT, a C++ file with a page's files in it: HTML, STYLE and SCRIPTS, which is joined with
# ':' and keeps its order. HEADER declares the functions in NAMESPACE. Run by the build:
# cmake -DHTML=<file> -DSTYLE=<file> -DSCRIPTS=<files> -DHEADER=<path> -DNAMESPACE=<name>
#   -DOUTPUT=<file> -P embed.cmake

set(delimiter "embedded")

# A file as a raw string literal.
function(read_as_literal result path)
  file(READ "${path}" text)
  string(FIND "${text}" ")${delimiter}\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "${path} would end its own literal")
  endif()
  set(${result} "R\"${delimiter}(${text})${delimiter}\"" PARENT_SCOPE)
endfunction()

read_as_literal(html "${HTML}")
read_as_literal(style "${STYLE}")

# A literal a file: there are compilers that take no very long ones.
string(REPLACE ":" ";" scripts "${SCRIPTS}")
set(script "")
foreach(path IN LISTS scripts)
  read_as_literal(literal "${path}")
  string(APPEND script "\n        std::string(${literal}) +")
endforeach()

file(WRITE "${OUTPUT}.new" "// Made by embed.cmake.
#include \"${HEADER}\"

#include <string>

namespace ${NAMESPACE} {

std::string_view page_html() { return ${html}; }

std::string_view page_style() { return ${style}; }

std::string_view page_script() {
    static const std::string script ={${script} \"\"};
    return script;
}

}  // namespace ${NAMESPACE}
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
