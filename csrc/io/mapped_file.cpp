// Memory-mapped files (POSIX).
#include "io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/error.h"

namespace tokmill {

namespace {

class Descriptor {
 public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    int number() const noexcept { return number_; }

 private:
    int number_;
};

[[noreturn]] void fail(std::string const& path) {
    throw Error(ErrorKind::io, path + ": " + std::generic_category().message(errno));
}

}  // namespace

std::shared_ptr<MappedFile const> MappedFile::open(std::string const& path) {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) fail(path);
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) fail(path);
    if (!S_ISREG(status.st_mode)) throw Error(ErrorKind::io, path + ": not a regular file");
    auto const size = static_cast<std::size_t>(status.st_size);
    void* data = nullptr;
    if (size != 0) {
        data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
        if (data == MAP_FAILED) fail(path);
    }
    return std::shared_ptr<MappedFile const>(new MappedFile(data, size));
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace tokmill
