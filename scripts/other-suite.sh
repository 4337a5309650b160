# shellcheck shell=bash
# Packages of another Debian suite, through the mirror that this machine uses itself: downloaded, never installed. Source this.

# apt_of_suite DIRECTORY SUITE: keeps apt's lists and cache below DIRECTORY, and leaves what apt-get and apt-cache need for
# that in the array `apt`.
apt_of_suite()
{
	local mirror
	# shellcheck disable=SC2016 # apt's own variables
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
		awk '$2 == "main" && $1 !~ /security/ { print $1; exit }')
	mkdir -p "$1"/{lists,cache}/partial
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $2 main" >"$1/sources.list"
	# shellcheck disable=SC2034 # for who sources this
	apt=(-q -o "Dir::State::Lists=$1/lists" -o "Dir::Cache=$1/cache" -o "Dir::Etc::SourceList=$1/sources.list"
		-o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User=root)
}
