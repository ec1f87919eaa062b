/* Listen on this machine only (LD_PRELOAD): libifdvpcd opens its port on every interface and knows no option. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int bind(int file, const struct sockaddr *address, socklen_t size) {
    int (*plain)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
    struct sockaddr_in here;
    if (address && address->sa_family == AF_INET && size == sizeof here) {
        memcpy(&here, address, sizeof here);
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return plain(file, (const struct sockaddr *)&here, size);
    }
    return plain(file, address, size);
}
