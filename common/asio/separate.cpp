// Asio and Beast are header-only; compiled once here, their headers cost the rest of the build only
// declarations.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
