#include "tests/system/browser/browser.hpp"

#include "cli/test/chaos/page.hpp"
#include "tests/unit/chaos/sample_report.hpp"

// The report's page in a real browser, driven by drive.js.

namespace raftkv::chaos {
namespace {

class ReportInBrowser : public system_test::BrowserTest {
  protected:
    std::string driven(const Report& report, const std::string& scenario) {
        // What goes wrong while the page builds itself is heard, too.
        std::string page = as_page(report);
        const std::string head = "<head>";
        page.insert(page.find(head) + head.size(),
                    "<script>var wrongs = []; onerror = (text) => { wrongs.push(text); };"
                    "</script>");
        return said_about(page + "<script>" + contents(RAFTKV_CHAOS_DRIVER) + "drive('" + scenario +
                          "');</script>");
    }

    void expect_fine(const Report& report, const std::string& scenario) {
        const std::string said = driven(report, scenario);
        EXPECT_NE(said.find("end of the list"), std::string::npos) << said;
        EXPECT_EQ(said.find("WRONG"), std::string::npos) << said;
    }
};

TEST_F(ReportInBrowser, OfARunThatPassedCanBeLookedInto) {
    expect_fine(sample_report(), "passed");
}

TEST_F(ReportInBrowser, OfAFailureSaysWhyFirst) {
    expect_fine(failed_report(), "failed");
}

TEST_F(ReportInBrowser, OfARunThatNeverBeganBreaksNothing) {
    expect_fine(Report{}, "empty");
}

TEST_F(ReportInBrowser, WithHostileTextStaysText) {
    expect_fine(hostile_report(), "hostile");
}

}  // namespace
}  // namespace raftkv::chaos
