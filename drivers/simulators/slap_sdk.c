/* A ten-finger scanner's library as vendors ship them, without a scanner: the folder SLAP_SDK_FOLDER is its glass.
 *
 * plugged        there is a scanner
 * RIGHT_INDEX    a finger lies there: "P5 width height 255\n" and grey bytes
 * fault          what goes wrong in the next slap_print: unplug, hang, crash, noise, three
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ABSENT = -1, BUSY = -2, NOTHING = -3, REMOVED = -4, MOVING = 1, SETTLED = 2 };
enum { FINGERS = 10, FRAME_W = 640, FRAME_H = 480, MOVES = 3 };

static const char *NAMES[FINGERS] = {"RIGHT_THUMB", "RIGHT_INDEX", "RIGHT_MIDDLE", "RIGHT_RING", "RIGHT_LITTLE",
                                     "LEFT_THUMB", "LEFT_INDEX", "LEFT_MIDDLE", "LEFT_RING", "LEFT_LITTLE"};
struct scanner { int wanted, looks; };
static int is_open;

static FILE *item(const char *name, const char *mode) {
    char path[4096];
    const char *folder = getenv("SLAP_SDK_FOLDER");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : ".", name);
    if (mode == NULL) { remove(path); return NULL; }
    return fopen(path, mode);
}

static int is_there(const char *name) {
    FILE *file = item(name, "rb");
    if (file) fclose(file);
    return file != NULL;
}

static int take_fault(const char *name) {
    char told[32] = "";
    FILE *file = item("fault", "rb");
    if (!file) return 0;
    if (fscanf(file, "%31s", told) != 1) told[0] = 0;
    fclose(file);
    if (strcmp(told, name) != 0) return 0;
    item("fault", NULL);
    return 1;
}

static int read_print(int finger, unsigned char *pixels, size_t room, int *width, int *height) {
    FILE *file = item(NAMES[finger], "rb");
    int code = NOTHING;
    if (!file) return NOTHING;
    if (fscanf(file, "P5 %d %d 255", width, height) == 2 && fgetc(file) == '\n' && *width > 0 && *height > 0
        && (size_t)*width * (size_t)*height <= room
        && fread(pixels, 1, (size_t)*width * (size_t)*height, file) == (size_t)*width * (size_t)*height)
        code = 0;
    fclose(file);
    return code;
}

int slap_count(void) { return is_there("plugged") ? 1 : 0; }

int slap_info(int index, char *vendor, char *model, char *serial, char *firmware) {
    if (index != 0 || !is_there("plugged")) return ABSENT;
    strcpy(vendor, "Simulasi"); strcpy(model, "Slap SDK T10"); strcpy(serial, "SIM-SDK-0001"); strcpy(firmware, "2.0.7");
    return 0;
}

int slap_open(int index, void **handle) {
    struct scanner *scanner;
    if (index != 0 || !is_there("plugged")) return ABSENT;
    if (is_open) return BUSY;
    scanner = calloc(1, sizeof *scanner);
    if (!scanner) return NOTHING;
    is_open = 1;
    *handle = scanner;
    return 0;
}

int slap_start(void *handle, int wanted) {
    struct scanner *scanner = handle;
    if (!is_there("plugged")) return REMOVED;
    scanner->wanted = wanted;
    scanner->looks = 0;
    return 0;
}

/* What lies on the glass, smaller; fingers that were just laid down still move. */
int slap_frame(void *handle, unsigned char *frame, size_t room, int *width, int *height) {
    struct scanner *scanner = handle;
    unsigned char *print = malloc(1 << 20);
    int place = 0, seen = 0;
    if (!print || !is_there("plugged") || room < FRAME_W * FRAME_H) { free(print); return REMOVED; }
    memset(frame, 246, FRAME_W * FRAME_H);
    for (int finger = 0; finger < FINGERS; finger++) {
        int w, h;
        if (!(scanner->wanted & 1 << finger)) continue;
        if (read_print(finger, print, 1 << 20, &w, &h) == 0) {
            seen++;
            for (int y = 0; y < 300; y++)
                for (int x = 0; x < 150; x++)
                    frame[(40 + y) * FRAME_W + place * 160 + x + 5] = print[y * h / 300 * w + x * w / 150];
        }
        place = (place + 1) % 4;
    }
    free(print);
    *width = FRAME_W; *height = FRAME_H;
    if (!seen) { scanner->looks = 0; return 0; }
    return ++scanner->looks > MOVES ? SETTLED : MOVING;
}

int slap_print(void *handle, int finger, unsigned char *pixels, size_t room, int *width, int *height, int *score) {
    struct scanner *scanner = handle;
    if (take_fault("unplug")) item("plugged", NULL);
    if (take_fault("noise")) { printf("slap-sdk: firmware log\n"); fflush(stdout); }
    if (take_fault("hang")) sleep(600);
    if (take_fault("crash")) abort();
    if (!is_there("plugged")) return REMOVED;
    if (take_fault("three") || finger < 0 || finger >= FINGERS || !(scanner->wanted & 1 << finger)) return NOTHING;
    *score = 77;
    return read_print(finger, pixels, room, width, height);
}

int slap_close(void *handle) {
    free(handle);
    is_open = 0;
    return 0;
}
