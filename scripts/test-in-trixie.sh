#!/usr/bin/env bash
# Run `make test` on the work tree inside a Debian trixie root, whose Python is 3.13.
#
#   scripts/test-in-trixie.sh [PYTEST-ARG...]
#
# Needs Debian and root. The root is made on the first run and kept in
# $PUFFIN_TRIXIE_ROOT (default: ~/.cache/puffin/trixie); delete it with rm -rf.
set -euo pipefail
umask 022

release=trixie
packages=ca-certificates,git,make,python3,python3-venv
marker=.puffin-packages # the packages of a finished root; written last
work=/puffin            # where the tests run inside the root

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# shellcheck source=/dev/null
[[ $(. /etc/os-release 2>/dev/null && echo "${ID:-}") == debian ]] ||
    die "this needs a Debian machine (with apt-get and debootstrap)"
((EUID == 0)) || die "this needs root, for debootstrap, mount and chroot"

# Everything below happens in a mount namespace of its own: however this ends,
# kill -9 included, no mount outlives it, and none was ever visible outside.
# exec keeps the process id, hence the test.
if [[ ${PUFFIN_MOUNT_NAMESPACE:-} != "$$" ]]; then
    PUFFIN_MOUNT_NAMESPACE=$$ exec unshare --mount "$BASH" "$0" "$@"
fi

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
root=$(realpath -m -- "${PUFFIN_TRIXIE_ROOT:-$HOME/.cache/puffin/trixie}")

# Of the environment, keep what is about reaching the network or pip; the rest
# (virtual environments, make's own flags, ...) describes the host.
settings=() # values that may name files
for name in $(compgen -e); do
    case $name in
        PIP_CACHE_DIR | PIP_LOG) unset "$name" ;;
        PIP_* | SSL_CERT_* | *_CA_BUNDLE | *_CAINFO) settings+=("${!name}") ;;
        *_proxy | *_PROXY | APT_CONFIG | NETRC | XDG_CONFIG_HOME | HOME | TERM | CI | PYTEST_ADDOPTS) ;;
        *) unset "$name" 2>/dev/null || true ;;
    esac
done
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8

mkdir -p "$(dirname "$root")"
exec 9>"$root.lock"
flock --nonblock 9 || {
    echo "waiting for another run in $root" >&2
    flock 9
}

# ---- the root, once

# What apt has been told about mirrors and proxies, for debootstrap, which does
# not ask. (An address with a password is passed over: it would end up in a file.)
run_debootstrap() {
    local mirror scheme name value
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sed -n '/^https\?:[^@]*$/{p;q}')
    for scheme in http https; do
        name=${scheme}_proxy value=
        eval "$(apt-config shell value "Acquire::$scheme::Proxy")"
        [[ -n ${!name:-} || $value != http* ]] || export "$name=$value"
    done
    debootstrap --force-check-gpg --variant=minbase --include="$packages" \
        "$release" "$root.partial" ${mirror:+"$mirror"}
}

if [[ $(cat "$root/$marker" 2>/dev/null) != "$packages" ]]; then
    if [[ ! -e $root/$marker && -n $(ls -A "$root" 2>/dev/null) ]]; then
        die "$root is not empty and was not made by this script"
    fi
    if ! command -v debootstrap >/dev/null; then
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
            debootstrap debian-archive-keyring
    fi
    rm -rf --one-file-system "$root.partial"
    if [[ -e $root ]]; then # made for another list of packages
        mv -T "$root" "$root.partial"
        rm -rf --one-file-system "$root.partial"
    fi
    (run_debootstrap) || die "debootstrap failed; see $root.partial/debootstrap/debootstrap.log"
    rm -f "$root.partial"/var/cache/apt/archives/*.deb
    echo "$packages" >"$root.partial/$marker"
    mv -T "$root.partial" "$root"
fi

# ---- the host's network and pip settings, at their own paths inside the root

# Read-only bind mounts, not copies: these files can hold passwords.
expose() {
    local inside
    [[ $1 != / && (-d $1 || -f $1) ]] || return 0
    inside=$root$(chroot "$root" realpath -m -- "$1")
    if [[ -d $1 ]]; then
        mkdir -p "$inside"
    elif [[ ! -e $inside ]]; then
        mkdir -p "$(dirname "$inside")"
        touch "$inside"
    fi
    mount -o bind,ro "$1" "$inside"
}

mkdir -p "$root$HOME"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"

for path in /etc/resolv.conf /etc/hosts \
    /etc/ssl/certs /usr/share/ca-certificates /usr/local/share/ca-certificates; do
    expose "$path"
done
for path in /etc/pip.conf /etc/xdg/pip/pip.conf "$HOME/.pip/pip.conf" \
    "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" "${PIP_CONFIG_FILE:-}" \
    "${NETRC:-$HOME/.netrc}"; do
    [[ -f $path ]] || continue
    expose "$path"
    settings+=("$(<"$path")")
done

# Files and folders those settings name: certificates, constraints, local indexes.
# A local index .../simple links to files in other folders beside "simple".
while read -r path; do
    expose "$path"
done < <(printf '%s\n' "${settings[@]}" | tr -s ' \t=,' '\n' |
    sed -nE -e "s#^~/#$HOME/#" -e '\#^file:#{s#^file:(//(localhost)?)?/#/#; s#/simple/?$##}' \
        -e '\#^/#p' | sort -u)

# ---- the tests

rm -rf --one-file-system "${root:?}$work"
mkdir "$root$work"
git -c safe.directory="$checkout" -C "$checkout" ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do
        # a file deleted in the work tree is still listed
        [[ ! -e $checkout/$file && ! -L $checkout/$file ]] || printf '%s\0' "$file"
    done |
    tar -C "$checkout" -c --null --no-recursion -T - |
    tar -C "$root$work" -x --no-same-owner

make=(make -C "$work" test)
if (($#)); then
    args=${*@Q} # quoted for the shell, and then for make
    make+=("PYTEST_ARGS=${args//\$/\$\$}")
fi
exec chroot "$root" "${make[@]}"
