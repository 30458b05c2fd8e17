// Memory-mapped files.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "check.h"
#include "core/error.h"
#include "io/mapped_file.h"

using tokmill::Error;
using tokmill::ErrorKind;
using tokmill::MappedFile;

namespace {

// A file that is gone at the end of the test.
class TemporaryFile {
 public:
    explicit TemporaryFile(std::string const& contents)
        : path_(std::filesystem::temp_directory_path() /
                ("tokmill_mapped_" + std::to_string(contents.size()))) {
        std::ofstream(path_, std::ios::binary) << contents;
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    std::string path() const { return path_.string(); }

 private:
    std::filesystem::path path_;
};

bool refuses(std::string const& path) {
    try {
        MappedFile::open(path);
    } catch (Error const& error) {
        return error.kind() == ErrorKind::io &&
               std::string(error.what()).find(path) != std::string::npos;
    }
    return false;
}

}  // namespace

TEST(mapped_file_has_the_bytes_of_the_file) {
    for (std::size_t size : {std::size_t{1}, std::size_t{4096}, std::size_t{100000}}) {
        std::string const contents(size, 'x');
        TemporaryFile const file(contents);
        auto const mapped = MappedFile::open(file.path());
        CHECK(mapped->bytes() == contents);
        CHECK_EQ(reinterpret_cast<std::uintptr_t>(mapped->bytes().data()) % 4096, 0u);
    }
}

TEST(mapped_file_outlives_its_name) {
    std::string const contents = "still here";
    std::shared_ptr<MappedFile const> mapped;
    {
        TemporaryFile const file(contents);
        mapped = MappedFile::open(file.path());
    }
    CHECK(mapped->bytes() == contents);
}

TEST(mapped_file_may_be_empty) {
    TemporaryFile const file("");
    CHECK(MappedFile::open(file.path())->bytes().empty());
}

TEST(mapped_file_says_what_cannot_be_opened) {
    CHECK(refuses("/no such directory/file"));
    CHECK(refuses(std::filesystem::temp_directory_path().string()));
}
